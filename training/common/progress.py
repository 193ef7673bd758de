"""A log line now and then, on the terminal and in a file beside the model."""
from __future__ import annotations

import json
import time
from pathlib import Path


class Progress:
    """Writes JSON lines to ``<run>/log.jsonl`` and short lines to stdout."""

    def __init__(self, run: Path) -> None:
        run.mkdir(parents=True, exist_ok=True)
        self.file = run / "log.jsonl"
        self.start = time.time()

    def note(self, **values) -> None:
        """Record values (numbers or strings) with the seconds since the start."""
        row = {"t": round(time.time() - self.start, 1), **values}
        with open(self.file, "a", encoding="utf-8") as f:
            f.write(json.dumps(row) + "\n")
        print("  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()), flush=True)

"""Put a model into ``models/manifest.json``: checks the file, computes its checksum and size, replaces the entry.

    python3 -m training.common.register models/plate-detector.onnx plate-detector fields.json
"""
from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
from pathlib import Path

REQUIRED = {
    "detector": ("stride", "inputSide", "thresholds", "nmsIou"),
    "reader": ("script", "width", "height", "margin", "charset", "decoder", "temperature", "reject"),
}


def register(file: str | Path, model_id: str, fields: dict, models: str | Path = "models") -> dict:
    """Insert or replace the entry ``model_id``; returns it. ``fields`` needs ``role`` and what that role requires."""
    file, models = Path(file), Path(models)
    role = fields.get("role")
    if role not in REQUIRED:
        raise ValueError(f"role is one of {sorted(REQUIRED)}, not {role!r}")
    missing = [k for k in REQUIRED[role] if k not in fields]
    if missing:
        raise ValueError(f"{model_id}: fields missing: {missing}")
    data = file.read_bytes()
    entry = {
        "id": model_id,
        "role": role,
        "file": file.name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "version": fields.get("version") or datetime.date.today().isoformat(),
        "licence": "Apache-2.0",
        "card": f"models/{model_id}.md",
    }
    entry.update({k: v for k, v in fields.items() if k not in entry})
    path = models / "manifest.json"
    manifest = json.loads(path.read_text("utf-8")) if path.exists() else {"version": 1, "models": []}
    others = [m for m in manifest["models"] if m["id"] != model_id]
    manifest["models"] = sorted([*others, entry], key=lambda m: m["id"])
    models.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", "utf-8")
    part.replace(path)
    return entry


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("id")
    parser.add_argument("fields", type=Path, help="JSON file with the entry's fields")
    parser.add_argument("--models", default=Path("models"), type=Path)
    args = parser.parse_args()
    entry = register(args.file, args.id, json.loads(args.fields.read_text("utf-8")), args.models)
    print(f"{entry['id']}: {entry['bytes']} bytes, sha256 {entry['sha256']}")


if __name__ == "__main__":
    main()

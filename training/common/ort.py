"""Run an exported model in onnxruntime-node from Python: the check that what ships does what was trained."""
from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

SCRIPT = Path(__file__).with_name("ort.mjs")


def run(
    model: str | Path, input_name: str, arrays: list[np.ndarray], output_name: str, repeats: int = 1, threads: int = 1
) -> tuple[list[np.ndarray], list[list[float]]]:
    """Outputs (float32) for each input array (uint8 or float32), and the milliseconds of each repeat.

    Needs ``node`` and ``onnxruntime-node`` installed in the present folder (``npm ci`` of the project).
    """
    with tempfile.TemporaryDirectory() as folder:
        cases = []
        for i, a in enumerate(arrays):
            file = Path(folder) / f"{i}.in"
            file.write_bytes(np.ascontiguousarray(a).tobytes())
            cases.append({"dims": list(a.shape), "file": str(file), "out": str(Path(folder) / f"{i}.out")})
        request = json.dumps({"input": input_name, "type": str(arrays[0].dtype), "cases": cases})
        command = ["node", str(SCRIPT), str(model), output_name, str(repeats), str(threads)]
        done = subprocess.run(command, input=request, text=True, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        told = json.loads(done.stdout.strip().splitlines()[-1])
        outs = [
            np.frombuffer(Path(c["out"]).read_bytes(), np.float32).reshape([int(v) for v in d])
            for c, d in zip(cases, told["dims"])
        ]
    return outs, told["ms"]

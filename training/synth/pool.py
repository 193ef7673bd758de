"""A pool of rendered plates on disk: render once, degrade many times.

A shard is `shard_NNNNN.bin` (the pictures, raw) and `shard_NNNNN.pkl` (list of dicts: offset, h, w, text, rows, region,
corners, chars). `python3 -m training.synth.pool DIR` keeps rendering until the pool has `--plates`, then replaces the oldest
shards until it is stopped (`--once`: ends when full). Seeded by shard number: shard n is always the same plates.
"""
import argparse
import os
import pickle
import random

import numpy as np

SHARD = 500


def write_shard(folder, number, script="latin", seed=0):
    """Render one shard of `SHARD` plates; appears in the folder only when complete."""
    if script == "thai":
        from .thai import render_thai as render
    else:
        from .plate import render_plate as render
    rng = random.Random(f"{seed}:{script}:{number}")
    meta, offset = [], 0
    path = os.path.join(folder, f"shard_{number:05d}")
    with open(path + ".bin.part", "wb") as f:
        while len(meta) < SHARD:
            p = render(rng)
            n = len(p.text)
            if not 1 <= n <= 10:
                continue
            f.write(np.ascontiguousarray(p.image).tobytes())
            meta.append(dict(offset=offset, h=p.image.shape[0], w=p.image.shape[1], text=p.text, rows=p.rows, region=p.region,
                             corners=p.corners, chars=p.chars))
            offset += p.image.size
    os.replace(path + ".bin.part", path + ".bin")
    with open(path + ".pkl.part", "wb") as f:
        pickle.dump(meta, f)
    os.replace(path + ".pkl.part", path + ".pkl")


def numbers(folder):
    """Numbers of the complete shards, ascending."""
    return sorted(int(f[6:11]) for f in os.listdir(folder) if f.startswith("shard_") and f.endswith(".pkl"))


class Pool:
    """Random access to a pool that may be growing: call `refresh` now and then."""

    def __init__(self, folder):
        self.folder, self.maps, self.items = folder, {}, []
        self.refresh()

    def refresh(self):
        """Take in new shards, let go of removed ones."""
        now = set(numbers(self.folder))
        for n in list(self.maps):
            if n not in now:
                del self.maps[n]
        for n in sorted(now - set(self.maps)):
            path = os.path.join(self.folder, f"shard_{n:05d}")
            try:
                with open(path + ".pkl", "rb") as f:
                    self.maps[n] = (np.memmap(path + ".bin", np.uint8, "r"), pickle.load(f))
            except FileNotFoundError:
                continue
        self.items = [(n, i) for n, (_, m) in self.maps.items() for i in range(len(m))]

    def __len__(self):
        return len(self.items)

    def get(self, k):
        """(image uint8 [H,W,3] RGB, meta dict) of item k."""
        n, i = self.items[k]
        data, meta = self.maps[n]
        m = meta[i]
        return data[m["offset"]:m["offset"] + m["h"] * m["w"] * 3].reshape(m["h"], m["w"], 3), m


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("folder")
    a.add_argument("--plates", type=int, default=30000)
    a.add_argument("--script", default="latin", choices=["latin", "thai"])
    a.add_argument("--seed", type=int, default=0)
    a.add_argument("--once", action="store_true")
    a = a.parse_args()
    os.makedirs(a.folder, exist_ok=True)
    have = numbers(a.folder)
    n = have[-1] + 1 if have else 0
    while True:
        if len(have) * SHARD >= a.plates:
            if a.once:
                return
            old = os.path.join(a.folder, f"shard_{have[0]:05d}")
            os.remove(old + ".pkl")
            os.remove(old + ".bin")
        write_shard(a.folder, n, a.script, a.seed)
        have = numbers(a.folder)
        n += 1
        print(f"shard {n - 1} written, {len(have) * SHARD} plates", flush=True)


if __name__ == "__main__":
    main()

"""The one division of all sets into ``train``, ``calib`` and ``val``, for every model.

* ``val``: about 30 % of each licensed set and the whole of every ``unlicensed-*`` set. Nothing is trained on
  it and no threshold or temperature is chosen on it.
* ``calib``: about 12 % of each licensed set, for thresholds, temperatures and picking a checkpoint.
* ``train``: the rest.

Pictures that may show the same vehicle stay together: pictures sharing a plate text (O=0, I=1 folded, over all
sets), consecutive frames of a drive (``NAME_t_SECONDS``, gaps up to 5 s), and near-duplicates (8x8 difference
hash, at most 4 bits apart, within the photo sets). A group that touches an unlicensed set is ``val`` as a whole.
The order in which groups are dealt is a seeded hash of their names: the same data give the same division.
"""
from __future__ import annotations

import hashlib
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

from .datasets import DEFAULT_ROOT, Photo, PictureSet, find_sets

SEED = "plategate-1"
VAL_SHARE = 0.30
CALIB_SHARE = 0.12
PARTS = ("train", "calib", "val")
_FRAME = re.compile(r"^(.*)_t_(\d+)\.[a-z]+$", re.I)
_FOLD = str.maketrans("OQI", "001")
Key = tuple[str, str]


class _Groups:
    """Union-find over hashable items."""

    def __init__(self) -> None:
        self.parent: dict = {}

    def find(self, a):
        self.parent.setdefault(a, a)
        while self.parent[a] != a:
            self.parent[a] = self.parent[self.parent[a]]
            a = self.parent[a]
        return a

    def join(self, a, b) -> None:
        self.parent[self.find(a)] = self.find(b)


def fold(text: str) -> str:
    """Plate text with the pairs no eye can tell apart made equal."""
    return text.translate(_FOLD)


def difference_hash(path: str) -> int | None:
    """64-bit difference hash of a picture (8x8 sign of horizontal grey differences); None if flat or unreadable."""
    import cv2

    image = cv2.imread(path, cv2.IMREAD_REDUCED_GRAYSCALE_2)
    if image is None:
        return None
    small = cv2.resize(image, (9, 8), interpolation=cv2.INTER_AREA).astype(int)
    if small.std() < 6:
        return None
    bits = (small[:, 1:] > small[:, :-1]).ravel()
    return int("".join("1" if b else "0" for b in bits), 2)


def _join_frames(photos: list[Photo], groups: _Groups) -> None:
    frames = sorted((m[1], int(m[2]), p) for p in photos if (m := _FRAME.match(p.file)))
    for (video, t, a), (video2, t2, b) in zip(frames, frames[1:]):
        if video == video2 and t2 - t <= 5:
            groups.join((a.set, a.file), (b.set, b.file))


def _join_lookalikes(photos: list[Photo], groups: _Groups) -> None:
    hashed = [(h, (p.set, p.file)) for p in photos if (h := difference_hash(str(p.path))) is not None]
    for i, (h, key) in enumerate(hashed):
        for h2, key2 in hashed[i + 1 :]:
            if (h ^ h2).bit_count() <= 4:
                groups.join(key, key2)


def divide(sets: dict[str, PictureSet], lookalikes: bool = True) -> dict[Key, str]:
    """Part of every picture: {(set, file): 'train' | 'calib' | 'val'}."""
    groups = _Groups()
    for s in sets.values():
        for p in s.photos:
            groups.find((p.set, p.file))
            for plate in p.plates:
                if len(plate.text) >= 3:
                    groups.join((p.set, p.file), ("text", fold(plate.text)))
        _join_frames(s.photos, groups)
    if lookalikes:
        _join_lookalikes([p for s in sets.values() if s.photos and not s.is_crops for p in s.photos], groups)

    members: dict = {}
    for s in sets.values():
        for p in s.photos:
            members.setdefault(groups.find((p.set, p.file)), []).append((p.set, p.file))

    def order(keys: list[Key]) -> str:
        return hashlib.sha256(f"{SEED}:{min(keys)}".encode()).hexdigest()

    size = {s.name: len(s.photos) for s in sets.values()}
    dealt: dict[str, Counter] = {s: Counter() for s in size}
    part: dict[Key, str] = {}
    for keys in sorted(members.values(), key=order):
        names = Counter(k[0] for k in keys)
        if any(not sets[n].licensed for n in names):
            where = "val"
        else:
            home = names.most_common(1)[0][0]
            where = "train"
            for name, share in (("val", VAL_SHARE), ("calib", CALIB_SHARE)):
                # a group too big for what is left of a part would unbalance it
                if dealt[home][name] + 0.5 * len(keys) <= share * size[home]:
                    where = name
                    break
        for key in keys:
            part[key] = where
            dealt[key[0]][where] += 1
    return part


@lru_cache(maxsize=4)
def parts(root: str = DEFAULT_ROOT) -> dict[Key, str]:
    """``divide`` over everything below ``root`` (about 10 s the first time, then from memory)."""
    return divide(find_sets(root))


def photos(part: str, root: str = DEFAULT_ROOT, sets: list[str] | None = None) -> list[Photo]:
    """All pictures of one part, in a fixed order; ``sets`` limits it to the sets named."""
    if part not in PARTS:
        raise ValueError(f"part is one of {PARTS}")
    where = parts(str(root))
    found = find_sets(root)
    return [
        p
        for name in sorted(found)
        if sets is None or name in sets
        for p in found[name].photos
        if where[(p.set, p.file)] == part
    ]


def main() -> None:
    """Print how many pictures of each set are in each part."""
    import argparse

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", default=DEFAULT_ROOT, type=Path)
    root = str(parser.parse_args().data)
    count = Counter((k[0], p) for k, p in parts(root).items())
    print(f"{'set':34}" + "".join(f"{p:>8}" for p in PARTS))
    for name in sorted({k[0] for k in count}):
        print(f"{name:34}" + "".join(f"{count[(name, p)]:8}" for p in PARTS))


if __name__ == "__main__":
    main()

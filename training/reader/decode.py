"""Greedy CTC decoding with a confidence per character."""
import numpy as np

from . import patterns
from .config import LATIN


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def characters(logits, charset, temperature=1.0):
    """[T,C] logits -> for each character read [(probability, character), ...], best first: a run of the same class is one
    character, taken where it is surest. The two rows are decoded apart at the middle, so that equal neighbours across the
    rows stay two characters."""
    p = softmax(logits / temperature)
    best, steps = p.argmax(1), []
    half = len(best) // 2
    for lo, hi in ((0, half), (half, len(best))):
        prev = 0
        for t in range(lo, hi):
            k = best[t]
            if k and k != prev:
                steps.append(t)
            elif k and p[t, k] > p[steps[-1], k]:
                steps[-1] = t
            prev = k
    return [[(float(p[t, k]), charset[k - 1]) for k in np.argsort(-p[t]) if k and p[t, k] >= .001 or k == best[t]] for t in steps]


def greedy(logits, charset, temperature=1.0):
    """[T,C] logits -> (text, [confidence per character])."""
    read = characters(logits, charset, temperature)
    return "".join(c[0][1] for c in read), [c[0][0] for c in read]


def shipped(logits, charset, temperature=1.0):
    """As `greedy`, then as the product does: make-ups of Latin plates decide between doubtful look-alikes."""
    if charset != LATIN:
        return greedy(logits, charset, temperature)
    return patterns.rank(characters(logits, charset, temperature), patterns.shares())


def distance(a, b):
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (x != y))
    return row[-1]


def fold(text):
    """O as 0, I as 1."""
    return text.replace("O", "0").replace("I", "1")

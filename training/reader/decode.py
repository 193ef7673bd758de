"""Greedy CTC decoding with a confidence per character."""
import numpy as np


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def greedy(logits, charset, temperature=1.0):
    """[T,C] logits -> (text, [confidence per character]): a run of the same class is one character, its confidence the
    highest probability within the run. The two rows are decoded apart at the middle, so that equal neighbours across
    the rows stay two characters."""
    p = softmax(logits / temperature)
    best = p.argmax(1)
    text, conf = "", []
    half = len(best) // 2
    for lo, hi in ((0, half), (half, len(best))):
        prev = 0
        for t in range(lo, hi):
            k = best[t]
            if k and k != prev:
                text += charset[k - 1]
                conf.append(p[t, k])
            elif k:
                conf[-1] = max(conf[-1], p[t, k])
            prev = k
    return text, [float(c) for c in conf]


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

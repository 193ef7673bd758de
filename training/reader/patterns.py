"""Letters or digits: how common a plate's make-up is decides between look-alikes the reader is in doubt of.

``shares`` is what goes into ``models/manifest.json``: the share of plates by make-up ("AAA9999") in the formats of
``training/synth``, weighted as they are rendered. ``rank`` does what ``core/vision/pattern-prior.ts`` does."""
import itertools
import math
import random
from collections import Counter
from functools import lru_cache

CERTAIN, MAX_DOUBTFUL, WEIGHT, FREE = .9, 6, .5, .3


def make_up(text):
    return "".join("9" if c.isdigit() else "A" for c in text)


@lru_cache(None)
def shares(draws=40):
    """{make-up: share} of the generator's formats; what is rarer than one in 10,000 is left out."""
    from ..synth import formats
    from ..synth.regions_europe import EUROPE
    from ..synth.regions_world import WORLD
    rng, count, total = random.Random(0), Counter(), sum(w for w, _ in EUROPE + WORLD)
    for weight, style in EUROPE + WORLD:
        for pattern in style["patterns"]:
            for _ in range(draws):
                text, _rows = formats.text_of(formats.fill(pattern, style["alphabet"], rng))
                count[make_up(text)] += weight / total / len(style["patterns"]) / draws
    return {k: round(v, 5) for k, v in sorted(count.items()) if v >= 1e-4}


def rank(characters, known):
    """characters: [[(probability, character), ...] best first] -> (text, [confidence])."""
    n = len(characters)
    total = sum(v for k, v in known.items() if len(k) == n)

    def score(chosen):
        common = known.get(make_up("".join(c for _, c in chosen)), 0) / total if total else 0
        return sum(math.log(max(p, 1e-6)) for p, _ in chosen) + WEIGHT * math.log((1 - FREE) * common + FREE / 2 ** n)

    options = [[o[0]] + [a for a in o[1:5] if a[1].isdigit() != o[0][1].isdigit()][:1 if o[0][0] < CERTAIN else 0] for o in characters]
    if sum(len(o) > 1 for o in options) <= MAX_DOUBTFUL:
        best = max(itertools.product(*options), key=score)
    else:
        best = tuple(o[0] for o in options)
    conf = []
    for i, (o, b) in enumerate(zip(options, best)):
        if b is o[0]:
            conf.append(float(b[0]))
            continue
        odds = math.exp(score(best) - score(best[:i] + (o[0],) + best[i + 1:]))
        conf.append(float((b[0] + o[0][0]) * odds / (1 + odds)))
    return "".join(c for _, c in best), conf

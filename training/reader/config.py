"""What the readers' parts agree on."""
import os

WIDTH, HEIGHT = 160, 64            # the rectified plate, pixels
MARGIN = (0.04, 0.08)              # corners pushed outward before rectifying, fraction of plate width and height
LATIN = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
THAI_LETTERS = "กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ"
CHARSETS = {"latin": LATIN, "thai": "0123456789" + THAI_LETTERS}
STEPS = 40                         # time steps a row; two rows are concatenated
RUNS = os.environ.get("PLATEGATE_TRAIN_RUNS", "training/runs")
DATASETS = os.environ.get("PLATEGATE_DATASETS", "../shared/datasets")

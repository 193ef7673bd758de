"""Assignment of plates to cells and the training loss."""
from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from .model import STRIDES, cell_centres, decode_cells

#: a plate is given to the head at stride 8 up to this longer side (pixels), to stride 16 from ``FROM_16`` on;
#: in between both heads learn it
UP_TO_8 = 128.0
FROM_16 = 80.0
#: cells whose centre is this near to the plate's (fraction of its size) learn it, at least ``NEAR`` and at most ``FAR`` strides
REACH = (0.25, 0.30)
NEAR = 0.6
FAR = 2.5


@dataclass
class Target:
    """What is true of one training picture.

    ``boxes`` [n,4] x1,y1,x2,y2 and ``corners`` [n,8] in pixels; ``known`` [n] bool: corners are known;
    ``ignore`` [m,4] boxes where nothing is punished; ``unlabelled``: predictions up to this width (pixels) that
    are confident are not punished, since plates that small are not labelled in the picture's source.
    """

    boxes: Tensor
    corners: Tensor
    known: Tensor
    ignore: Tensor
    unlabelled: float = 0.0


def assign(target: Target, height: int, width: int, stride: int) -> tuple[Tensor, Tensor]:
    """Cells of one head -> (index of the plate each cell learns or -1 [h*w], weight of the cell's negative loss [h*w])."""
    xs, ys = cell_centres(height, width, stride)
    px = xs.view(1, -1).expand(height, width).reshape(-1)
    py = ys.view(-1, 1).expand(height, width).reshape(-1)
    index = torch.full((height * width,), -1, dtype=torch.long)
    weight = torch.ones(height * width)
    for x1, y1, x2, y2 in target.ignore.tolist():
        weight[(px > x1) & (px < x2) & (py > y1) & (py < y2)] = 0.0
    if not len(target.boxes):
        return index, weight
    b = target.boxes
    w, h = b[:, 2] - b[:, 0], b[:, 3] - b[:, 1]
    longer = torch.maximum(w, h)
    mine = longer <= UP_TO_8 if stride == STRIDES[0] else longer >= FROM_16
    cx, cy = (b[:, 0] + b[:, 2]) / 2, (b[:, 1] + b[:, 3]) / 2
    dx = (px[:, None] - cx[None]).abs()
    dy = (py[:, None] - cy[None]).abs()
    rx = (w * REACH[0]).clamp(NEAR * stride, FAR * stride)
    ry = (h * REACH[1]).clamp(NEAR * stride, FAR * stride)
    inside = (dx <= rx) & (dy <= ry) & mine[None]
    # a ring of half a stride around the learning cells is neither right nor wrong
    ring = (dx <= rx + 0.5 * stride) & (dy <= ry + 0.5 * stride) & mine[None]
    distance = (dx / rx + dy / ry).masked_fill(~inside, 1e6)
    nearest, which = distance.min(1)
    index = torch.where(nearest < 1e6, which, index)
    weight = torch.where(ring.any(1) & (index < 0), torch.zeros_like(weight), weight)
    return index, weight


def overlap(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and generalised IoU of boxes a, b [n,4] pairwise by row (Rezatofighi et al. 2019)."""
    left, right = torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])
    both = (right - left).clamp(min=0).prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - both
    iou = both / union.clamp(min=1e-6)
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(1)
    return iou, iou - (hull - union) / hull.clamp(min=1e-6)


def quality_focal(logit: Tensor, quality: Tensor) -> Tensor:
    """Quality focal loss (Li et al. 2020), beta 2: cross-entropy towards ``quality`` weighted by the squared error."""
    p = torch.sigmoid(logit)
    return (p - quality).abs().square() * F.binary_cross_entropy_with_logits(logit, quality, reduction="none")


@dataclass
class Cells:
    """The cells of one head that learn a plate, over a batch: picture, cell, and the truth of each."""

    picture: Tensor
    cell: Tensor
    boxes: Tensor
    corners: Tensor
    known: Tensor


def assign_batch(targets: list[Target], height: int, width: int, stride: int) -> tuple[Cells, Tensor]:
    """``assign`` for each picture -> (the learning cells, weight of each cell's score loss where it does not learn [B,h*w])."""
    parts, weights = [], []
    for i, target in enumerate(targets):
        index, weight = assign(target, height, width, stride)
        cell = (index >= 0).nonzero().squeeze(1)
        which = index[cell]
        parts.append((torch.full_like(cell, i), cell, target.boxes[which], target.corners[which], target.known[which]))
        weights.append(weight)
    return Cells(*(torch.cat(p) for p in zip(*parts))), torch.stack(weights)


def loss(raws: list[Tensor], targets: list[Target], corner_weight: float = 1.0) -> tuple[Tensor, dict[str, float]]:
    """Total loss of a batch, and its parts for the log."""
    score_sum, box_sum, corner_sum = (raws[0].new_zeros((), dtype=torch.float32) for _ in range(3))
    weight_sum, iou_sum, positives = 0.0, 0.0, 0
    unlabelled = torch.tensor([t.unlabelled for t in targets])[:, None]
    for raw, stride in zip(raws, STRIDES):
        height, width = raw.shape[2:]
        raw = raw.float().flatten(2)
        cells, weight = assign_batch(targets, height, width, stride)
        at = (cells.picture, cells.cell)
        xs, ys = cell_centres(height, width, stride)
        boxes, corners = decode_cells(raw.transpose(1, 2)[at], stride, xs[cells.cell % width], ys[cells.cell // width])
        iou, giou = overlap(boxes, cells.boxes)
        good = iou.detach().clamp(min=0.1)
        box_sum = box_sum + ((1 - giou) * good).sum()
        corner_sum = corner_sum + corner_loss(corners, cells, good)
        weight_sum += float(good.sum())
        iou_sum += float(iou.detach().sum())
        positives += len(good)
        logit = raw[:, 0]
        with torch.no_grad():
            small = (stride * torch.exp(raw[:, 3].clamp(-3.0, 5.0)) < unlabelled) & (logit > -1.5)
            weight[small] = 0.0
            weight[at] = 1.0
            quality = torch.zeros_like(logit)
            quality[at] = good
        score_sum = score_sum + (quality_focal(logit, quality) * weight).sum()
    n = max(weight_sum, 1.0)
    parts = {"score": score_sum / n, "box": 2.0 * box_sum / n, "corner": corner_weight * corner_sum / n}
    total = parts["score"] + parts["box"] + parts["corner"]
    log = {k: float(v.detach()) for k, v in parts.items()}
    log["iou"] = iou_sum / max(positives, 1)
    return total, log


def corner_loss(corners: Tensor, cells: Cells, weight: Tensor) -> Tensor:
    """Distance of predicted corners [n,8] from the true ones, in plate heights; where only the box is known, the
    corners' bounding box must be the box (weakly)."""
    true_box = cells.boxes
    size = (true_box[:, 2:] - true_box[:, :2]).clamp(min=1.0)
    unit = torch.cat((size, size, size, size), 1)
    exact = F.smooth_l1_loss(corners / unit, cells.corners / unit, reduction="none", beta=0.05).sum(1)
    x, y = corners[:, 0::2], corners[:, 1::2]
    hull = torch.stack((x[:, [0, 3]].amin(1), y[:, [0, 1]].amin(1), x[:, [1, 2]].amax(1), y[:, [2, 3]].amax(1)), 1)
    box_unit = torch.cat((size, size), 1)
    weak = F.smooth_l1_loss(hull / box_unit, true_box / box_unit, reduction="none", beta=0.05).sum(1)
    return (torch.where(cells.known, exact, 0.3 * weak) * weight).sum()

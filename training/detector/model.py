"""The network: a small fully convolutional pyramid with heads at strides 8 and 16.

Input is a picture of any size in multiples of 32; each cell of both heads predicts one plate: a score, a box
(centre offset and size) and four corners relative to that box. Dense 3x3 convolutions of few channels are used
instead of depthwise ones: on a CPU they cost less time for the same arithmetic. Costs about 3,400 multiply-adds
a pixel, under 1 M parameters.
"""
from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STRIDES = (8, 16)
#: channels of a head's output: score, box (dx, dy, log w, log h), corner offsets TL TR BR BL (x, y)
HEAD_CHANNELS = 1 + 4 + 8
#: the shipped model's second look at the picture shrunk so many times; widths (input pixels) each look reports
COARSE = 4
FINE_UP_TO = 448.0
COARSE_FROM = 144.0
#: corners of a box in the order TL, TR, BR, BL, as fractions of width and height from its centre
UNIT_CORNERS = ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))


class Conv(nn.Sequential):
    """Convolution, batch norm, ReLU."""

    def __init__(self, cin: int, cout: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False),
            nn.BatchNorm2d(cout, eps=1e-3, momentum=0.03),
            nn.ReLU(inplace=True),
        )


class Split(nn.Module):
    """Cross-stage partial block: half of the channels pass ``n`` residual 3x3 convolutions, all are joined by a 1x1."""

    def __init__(self, channels: int, n: int) -> None:
        super().__init__()
        half = channels // 2
        self.enter = Conv(channels, channels, 1)
        self.blocks = nn.ModuleList(Conv(half, half) for _ in range(n))
        self.leave = Conv(channels + n * half, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        a, b = self.enter(x).chunk(2, 1)
        parts = [a, b]
        for block in self.blocks:
            parts.append(parts[-1] + block(parts[-1]))
        return self.leave(torch.cat(parts, 1))


class Pool(nn.Module):
    """Spatial pyramid pooling: three 5x5 max-pools in a row widen the view to the whole picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.enter = Conv(channels, half, 1)
        self.leave = Conv(half * 4, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        parts = [self.enter(x)]
        for _ in range(3):
            parts.append(F.max_pool2d(parts[-1], 5, 1, 2))
        return self.leave(torch.cat(parts, 1))


class Head(nn.Module):
    """3x3 convolution and the 1x1 that predicts ``HEAD_CHANNELS``; apart for score and geometry in the last layer."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = Conv(channels, channels)
        self.score = nn.Conv2d(channels, 1, 1)
        self.shape = nn.Conv2d(channels, HEAD_CHANNELS - 1, 1)
        nn.init.constant_(self.score.bias, -4.6)  # 1 % at the start: focal loss stays small
        nn.init.normal_(self.shape.weight, std=0.01)
        nn.init.constant_(self.shape.bias, 0.0)
        with torch.no_grad():
            self.shape.bias[2] = 1.5
            self.shape.bias[3] = 0.5

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return torch.cat((self.score(x), self.shape(x)), 1)


def enlarge(x: Tensor, like: Tensor) -> Tensor:
    """Twice the size, cut to the size of ``like`` (which is odd where the picture is no multiple of 32)."""
    return F.interpolate(x, scale_factor=2.0)[:, :, : like.shape[2], : like.shape[3]]


class PlateDetector(nn.Module):
    """Pyramid network.

    ``forward``: float [B,3,H,W] in -1..1 -> list of raw head maps [B,13,H/8,W/8], [B,13,H/16,W/16].
    """

    def __init__(self, c4: int = 32, c8: int = 48, c16: int = 112, c32: int = 192, n8: int = 48, n16: int = 64) -> None:
        super().__init__()
        self.stem = nn.Sequential(Conv(3, 16, 3, 2), Conv(16, c4, 3, 2))
        self.stage4 = Split(c4, 1)
        self.down8 = Conv(c4, c8, 3, 2)
        self.stage8 = Split(c8, 2)
        self.down16 = Conv(c8, c16, 3, 2)
        self.stage16 = Split(c16, 2)
        self.down32 = Conv(c16, c32, 3, 2)
        self.stage32 = nn.Sequential(Split(c32, 2), Pool(c32))
        self.lateral32 = Conv(c32, n16, 1)
        self.lateral16 = Conv(c16 + n16, n16, 1)
        self.fuse16 = Conv(n16, n16)
        self.reduce16 = Conv(n16, n8, 1)
        self.lateral8 = Conv(c8 + n8, n8, 1)
        self.fuse8 = Conv(n8, n8)
        self.head8 = Head(n8)
        self.head16 = Head(n16)
        # score = sigmoid(a * logit + b), fitted by calibrate.py; identity while training
        self.register_buffer("calibration", torch.tensor([1.0, 0.0]))

    def forward(self, x: Tensor) -> list[Tensor]:
        x4 = self.stage4(self.stem(x))
        x8 = self.stage8(self.down8(x4))
        x16 = self.stage16(self.down16(x8))
        x32 = self.lateral32(self.stage32(self.down32(x16)))
        x16 = self.fuse16(self.lateral16(torch.cat((x16, enlarge(x32, x16)), 1)))
        x8 = self.fuse8(self.lateral8(torch.cat((x8, enlarge(self.reduce16(x16), x8)), 1)))
        return [self.head8(x8), self.head16(x16)]


def cell_centres(height: int, width: int, stride: int) -> tuple[Tensor, Tensor]:
    """Pixel coordinates of the cell centres of a head: x [width], y [height]."""
    return (torch.arange(width) + 0.5) * stride, (torch.arange(height) + 0.5) * stride


def decode_cells(raw: Tensor, stride: int, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Raw values [...,13] of cells centred at x, y [...] -> boxes x1,y1,x2,y2 [...,4], corners TL,TR,BR,BL [...,8], in pixels."""
    cx, cy = x + raw[..., 1] * stride, y + raw[..., 2] * stride
    w, h = (stride * torch.exp(raw[..., i].clamp(-3.0, 5.0)) for i in (3, 4))
    corners = []
    for i, (ux, uy) in enumerate(UNIT_CORNERS):
        corners += [cx + w * (ux + raw[..., 5 + 2 * i]), cy + h * (uy + raw[..., 6 + 2 * i])]
    return torch.stack((cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2), -1), torch.stack(corners, -1)


class Exported(nn.Module):
    """What is shipped: uint8 [1,H,W,3] RGB -> float32 [1,N,13]: score, x1,y1,x2,y2, corners TL,TR,BR,BL, in input pixels.

    The network looks twice: at the picture, and at the picture shrunk ``COARSE`` times for plates too large for the
    first look; the second costs a sixteenth. Each look may only report what it is good at (``FINE_UP_TO``, ``COARSE_FROM``).
    """

    def __init__(self, net: PlateDetector) -> None:
        super().__init__()
        self.net = net

    def forward(self, image: Tensor) -> Tensor:
        x = image.permute(0, 3, 1, 2).float() * (1 / 127.5) - 1.0
        fine = self.look(x)
        wide = fine[:, :, 3:4] - fine[:, :, 1:2]
        fine = torch.cat((fine[:, :, :1] * (wide <= FINE_UP_TO).float(), fine[:, :, 1:]), 2)
        coarse = self.look(F.avg_pool2d(x, COARSE))
        wide = (coarse[:, :, 3:4] - coarse[:, :, 1:2]) * COARSE
        coarse = torch.cat((coarse[:, :, :1] * (wide >= COARSE_FROM).float(), coarse[:, :, 1:] * COARSE), 2)
        return torch.cat((fine, coarse), 1)

    def look(self, x: Tensor) -> Tensor:
        """Decoded rows [1,n,13] of one scale."""
        rows = []
        for raw, stride in zip(self.net(x), STRIDES):
            h, w = raw.shape[2], raw.shape[3]
            xs, ys = cell_centres(h, w, stride)
            x, y = xs.view(1, -1).expand(h, w).reshape(-1), ys.view(-1, 1).expand(h, w).reshape(-1)
            raw = raw.flatten(2).transpose(1, 2)
            boxes, corners = decode_cells(raw, stride, x, y)
            score = torch.sigmoid(raw[..., 0] * self.net.calibration[0] + self.net.calibration[1])
            rows.append(torch.cat((score.unsqueeze(2), boxes, corners), 2))
        return torch.cat(rows, 1)


def load_weights(net: PlateDetector, path: str) -> None:
    """Start from a checkpoint (.pt: its averaged weights) or a shipped model (.onnx: initialisers by name).

    Tensors whose name or shape no longer fits are left as they are, and named on stderr.
    """
    import sys

    if path.endswith(".onnx"):
        import onnx
        from onnx import numpy_helper

        graph = onnx.load(path).graph
        found = {i.name.removeprefix("net."): torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
    else:
        saved = torch.load(path, map_location="cpu")
        found = saved.get("average") or saved["net"]
    own = net.state_dict()
    fits = {k: v for k, v in found.items() if k in own and own[k].shape == v.shape}
    missing = [k for k in own if k not in fits and not k.endswith("num_batches_tracked")]
    if missing:
        print(f"not in {path}, left at their start: {missing}", file=sys.stderr)
    net.load_state_dict({**own, **fits})

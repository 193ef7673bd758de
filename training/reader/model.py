"""The reader's network: a small residual CNN, two vertical attention poolings (upper and lower row), a short
convolutional sequence head, CTC over both rows one after the other. About 0.85 M parameters, 0.17 G multiply-adds.
"""
import torch
from torch import nn
import torch.nn.functional as F


def conv_bn(i, o, k=3, s=1):
    return nn.Sequential(nn.Conv2d(i, o, k, s, k // 2, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class Residual(nn.Module):
    """Two 3x3 convolutions beside an identity."""

    def __init__(self, c):
        super().__init__()
        self.a = conv_bn(c, c)
        self.b = nn.Sequential(nn.Conv2d(c, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c))

    def forward(self, x):
        return F.relu(x + self.b(self.a(x)))


class SequenceBlock(nn.Module):
    """Residual (dilated) convolution along the row. [B*2, C, 1, T]"""

    def __init__(self, c, k=5, dilation=1, still=False):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(c, c, (1, k), 1, (0, k // 2 * dilation), (1, dilation), bias=False), nn.BatchNorm2d(c), nn.ReLU(inplace=True))
        if still:      # starts as (nearly) nothing, so that it can be added to a trained network
            nn.init.constant_(self.conv[1].weight, .05)

    def forward(self, x):
        return x + self.conv(x)


class Reader(nn.Module):
    """[N,H,W,3] uint8 RGB (H=64, W=160) -> logits [N, 2*40, C] (blank first) and regions [N, R]."""

    frozen = False

    def __init__(self, classes, regions, widths=(16, 32, 64, 96, 128), blocks=(1, 1, 2)):
        super().__init__()
        w = widths
        self.stem = nn.Sequential(conv_bn(3, w[0], 3, 2), conv_bn(w[0], w[1]))
        self.stage1 = nn.Sequential(conv_bn(w[1], w[2], 3, 2), *[Residual(w[2]) for _ in range(blocks[1])])
        self.stage2 = nn.Sequential(conv_bn(w[2], w[3], 3, (2, 1)), *[Residual(w[3]) for _ in range(blocks[2])])
        self.context = nn.Sequential(nn.Linear(w[3], 48), nn.ReLU(inplace=True), nn.Linear(48, w[3]))
        self.attend = nn.Conv2d(w[3], 2, (3, 5), 1, (1, 2))
        self.place = nn.Parameter(torch.zeros(1, 2, 8, 1))
        self.project = nn.Conv2d(w[3], w[4], 1)
        self.row = nn.Parameter(torch.zeros(1, 2, w[4], 1))
        self.sequence = nn.Sequential(SequenceBlock(w[4]), SequenceBlock(w[4]), SequenceBlock(w[4], 5, 3, True), SequenceBlock(w[4], 5, 6, True))
        self.classify = nn.Conv2d(w[4], classes, 1)
        self.region = nn.Linear(w[3], regions)
        with torch.no_grad():
            ramp = torch.linspace(1.0, -1.0, 8)
            self.place[0, 0, :, 0] = ramp
            self.place[0, 1, :, 0] = -ramp

    def normalise(self, image):
        """Per picture to mean 0 and deviation 1, so that dark and pale crops look alike. -> [N,3,H,W]"""
        x = image.permute(0, 3, 1, 2).float() / 64.0
        m = x.mean((1, 2, 3), keepdim=True)
        d = x - m
        v = (d * d).mean((1, 2, 3), keepdim=True)
        return d / torch.sqrt(v + 0.01)

    def freeze(self):
        """Train only what comes after the first two stages (1.7 times the samples in the same time)."""
        self.frozen = True
        self.stem.requires_grad_(False)
        self.stage1.requires_grad_(False)

    def train(self, mode=True):
        super().train(mode)
        if self.frozen:
            self.stem.eval()
            self.stage1.eval()
        return self

    def features(self, x):
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            low = self.stage1(self.stem(x))
        f = self.stage2(low)
        mean = f.mean((2, 3))
        return f + self.context(mean)[:, :, None, None], mean

    def forward(self, image):
        x = self.normalise(image).contiguous(memory_format=torch.channels_last)
        f, mean = self.features(x)
        a = torch.softmax((self.attend(f) + self.place).float(), 2).to(f.dtype)   # [N,2,8,T]
        p = self.project(f)                                                     # [N,C,8,T]
        rows = torch.stack([(p * a[:, 0:1]).sum(2), (p * a[:, 1:2]).sum(2)], 1) + self.row   # [N,2,C,T]
        n, r, c, t = rows.shape
        s = self.sequence(F.relu(rows).reshape(n * r, c, 1, t))
        y = self.classify(s)                                                    # [N*2,K,1,T]
        logits = y.reshape(n, r, -1, t).permute(0, 1, 3, 2).reshape(n, r * t, -1)
        return logits.float(), self.region(mean).float()


def count(model):
    """Number of parameters."""
    return sum(p.numel() for p in model.parameters())

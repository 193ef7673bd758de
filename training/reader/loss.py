"""CTC a row where the rows are known, CTC over both where they are not, and a frame loss that aligns early."""
import torch
import torch.nn.functional as F

from .config import STEPS


def reading_loss(logits, regions, batch, frame_weight=1.0, region_weight=0.1):
    """Mean loss of a batch and its parts. `logits` [B,80,C], `regions` [B,R]."""
    B = logits.shape[0]
    logp = F.log_softmax(logits, 2)
    n = batch["lengths"].sum(1)
    start = torch.cumsum(n, 0) - n
    rowed = batch["rowed"]
    seqs, lens, targets, tl = [], [], [], []
    for b in range(B):
        s = int(start[b])
        if rowed[b]:
            u, v = int(batch["lengths"][b, 0]), int(batch["lengths"][b, 1])
            targets += [batch["text"][s:s + u], batch["text"][s + u:s + u + v]]
            tl += [u, v]
        else:
            targets.append(batch["text"][s:s + int(n[b])])
            tl.append(int(n[b]))
    parts = []
    rows = logp.reshape(B, 2, STEPS, -1)
    two = rows[rowed].reshape(-1, STEPS, logp.shape[2])
    ti = 0
    tg_r, tl_r, tg_f, tl_f = [], [], [], []
    for b in range(B):
        if rowed[b]:
            tg_r += targets[ti:ti + 2]
            tl_r += tl[ti:ti + 2]
            ti += 2
        else:
            tg_f.append(targets[ti])
            tl_f.append(tl[ti])
            ti += 1
    total = logits.new_zeros(())
    if tl_r:
        c = F.ctc_loss(two.transpose(0, 1), torch.cat(tg_r), torch.full((len(tl_r),), STEPS), torch.tensor(tl_r), reduction="none", zero_infinity=True)
        total = total + c.sum()
    if tl_f:
        full = logp[~rowed]
        c = F.ctc_loss(full.transpose(0, 1), torch.cat(tg_f), torch.full((len(tl_f),), 2 * STEPS), torch.tensor(tl_f), reduction="none", zero_infinity=True)
        total = total + c.sum()
    ctc = total / max(1, int(n.sum()))
    out = ctc
    if frame_weight > 0:
        fr = F.nll_loss(logp.reshape(B * 2 * STEPS, -1), batch["frames"].reshape(-1), reduction="none", ignore_index=-100)
        isc = (batch["frames"].reshape(-1) > 0).float()
        w = isc + .15 * (batch["frames"].reshape(-1) == 0).float()
        parts = (fr * w).sum() / w.sum().clamp(min=1)
        out = out + frame_weight * parts
    if (batch["region"] >= 0).any():
        out = out + region_weight * F.cross_entropy(regions, batch["region"], ignore_index=-100)
    return out, float(ctc.detach())

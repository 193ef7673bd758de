"""The arithmetic that this CPU trains fastest in.

bfloat16 autocast is about twice as fast as float32 where the CPU multiplies bfloat16 itself (AVX512-BF16, AMX), and up to twelve
times slower where oneDNN has to imitate it. What the flags of a CPU promise differs between versions of torch, so one step
of each is timed.
"""
from __future__ import annotations

import contextlib
import copy
import time
from typing import Callable

import torch
from torch import Tensor, nn


def autocast(dtype: torch.dtype):
    """A context for the forward pass in `dtype`; float32 is plain arithmetic."""
    return torch.autocast("cpu", dtype) if dtype != torch.float32 else contextlib.nullcontext()


def total(outputs) -> Tensor:
    """A number that depends on every tensor of a network's (nested) outputs."""
    return outputs.float().mean() if isinstance(outputs, Tensor) else sum(total(o) for o in outputs)


def step_seconds(net: nn.Module, inputs: Tensor, dtype: torch.dtype, clock: Callable[[], float] = time.process_time) -> float:
    """CPU seconds of the better of two steps forward and back after a first one; `net` stays as it is."""
    trial, best = copy.deepcopy(net).train(), float("inf")
    for k in range(3):
        begun = clock()
        with autocast(dtype):
            outputs = trial(inputs)
        total(outputs).backward()
        if k:
            best = min(best, clock() - begun)
    return best


def fastest(net: nn.Module, inputs: Tensor) -> tuple[torch.dtype, dict[str, float]]:
    """The faster of float32 and bfloat16 for training `net` on a small batch like `inputs`, and the seconds of both."""
    seconds = {d: step_seconds(net, inputs, d) for d in (torch.float32, torch.bfloat16)}
    return min(seconds, key=seconds.get), {str(d).removeprefix("torch."): round(s, 4) for d, s in seconds.items()}

"""Weights in and out: checkpoints, and the shipped .onnx read back by parameter name."""
import torch


def from_onnx(path):
    """{name: tensor} of an exported model's initialisers (names are the state dict's)."""
    import onnx
    from onnx import numpy_helper
    return {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in onnx.load(path).graph.initializer}


def load(path):
    """State dict of a checkpoint (its averaged weights) or of an .onnx file."""
    if str(path).endswith(".onnx"):
        return from_onnx(path)
    return torch.load(path, map_location="cpu")["ema"]


def init(model, path):
    """Copy every tensor whose name and shape fit; returns the names left as they were."""
    have, own = load(path), model.state_dict()
    fit = {k: v for k, v in have.items() if k in own and own[k].shape == v.shape}
    model.load_state_dict({**own, **fit})
    return [k for k in own if k not in fit and not k.endswith("num_batches_tracked")]

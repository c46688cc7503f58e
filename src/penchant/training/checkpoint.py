"""Everything that a killed run needs to go on as if nothing had happened: safetensors and JSON, never a pickle.

Weights, optimiser, balancer, random state of torch, position, best weights so far. Written whole or not at all.
"""

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from penchant.records.artifacts import check_folder, new_folder, read_json, write_json
from penchant.records.errors import ArtifactError
from penchant.training.balancing.balancer import Balancer

TENSORS, POSITION = "tensors.safetensors", "position.json"


def save_checkpoint(
    folder: Path,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    balancer: Balancer,
    best: dict[str, Tensor],
    position: dict[str, Any],
) -> None:
    """Replaces the checkpoint in `folder` in one step."""
    shapes = {name: list(value.shape) for name, value in network.state_dict().items()}
    tensors = {f"network.{name}": value for name, value in network.state_dict().items()}
    tensors |= {f"best.{name}": value for name, value in best.items()}
    for place, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{place}.{name}": torch.as_tensor(value) for name, value in state.items()}
    tensors |= {f"balancer.{name}": value for name, value in balancer.state().items()}
    tensors["random"] = torch.get_rng_state()
    with new_folder(folder) as draft:
        save_file({name: value.detach().clone().contiguous() for name, value in tensors.items()}, draft / TENSORS)
        write_json(draft / POSITION, {**position, "shapes": shapes})


def load_checkpoint(
    folder: Path, network: nn.Module, optimizer: torch.optim.Optimizer, balancer: Balancer, config: dict[str, Any]
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Puts everything back; gives the best weights so far and the position.

    Raises: ArtifactError if it is damaged, or of another network or training config.
    """
    check_folder(folder)
    position = read_json(folder / POSITION)
    try:
        tensors = load_file(folder / TENSORS)
    except SafetensorError as error:
        raise ArtifactError(f"{folder} cannot be read ({error}). Remove it and train from the start.") from error
    shapes = {name: list(value.shape) for name, value in network.state_dict().items()}
    if position["shapes"] != shapes or position["config"] != config:
        raise ArtifactError(
            f"{folder} is of another run. Train without resuming, or with the settings and data that wrote it."
        )
    network.load_state_dict(_below(tensors, "network."))
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in _below(tensors, "optimizer.").items():
        place, key = name.split(".", 1)
        state.setdefault(int(place), {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    balancer.load_state(_below(tensors, "balancer."))
    torch.set_rng_state(tensors["random"])
    return _below(tensors, "best."), position


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}

"""Everything that a killed run needs to go on as if nothing had happened: safetensors and JSON, never a pickle.

Named groups of tensors, the random states of torch, and a position; of no device, so that a run can go on on another one.
Written whole or not at all. Knows no part of the loop.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from penchant.records.artifacts import check_folder, new_folder, read_json, write_json
from penchant.records.errors import ArtifactError
from penchant.training.devices import random_states, set_random_states

TENSORS, POSITION = "tensors.safetensors", "position.json"
NETWORK, RANDOM = "network", "random"
"""The first is the group whose shapes, with the config of the position, tell a run from another."""


def save_checkpoint(folder: Path, parts: Mapping[str, Mapping[str, Tensor]], position: dict[str, Any]) -> None:
    """Replaces the checkpoint in `folder` in one step. position: JSON, with a `config`."""
    tensors = {f"{part}.{name}": value for part, values in parts.items() for name, value in values.items()}
    tensors |= {f"{RANDOM}.{name}": state for name, state in random_states().items()}
    with new_folder(folder) as draft:
        save_file({name: value.detach().cpu().clone().contiguous() for name, value in tensors.items()}, draft / TENSORS)
        write_json(draft / POSITION, {**position, "shapes": _shapes(parts[NETWORK])})


def load_checkpoint(
    folder: Path, network: Mapping[str, Tensor], config: dict[str, Any]
) -> tuple[dict[str, dict[str, Tensor]], dict[str, Any]]:
    """The groups of tensors and the position; puts the random state back.

    Raises: ArtifactError if it is damaged, or of a network of other shapes or of another config.
    """
    check_folder(folder)
    position = read_json(folder / POSITION)
    try:
        tensors = load_file(folder / TENSORS)
    except SafetensorError as error:
        raise ArtifactError(f"{folder} cannot be read ({error}). Remove it and train from the start.") from error
    if position["shapes"] != _shapes(network) or position["config"] != config:
        raise ArtifactError(
            f"{folder} is of another run. Train without resuming, or with the settings and data that wrote it."
        )
    parts: dict[str, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        part, key = name.split(".", 1)
        parts.setdefault(part, {})[key] = value
    set_random_states(parts.pop(RANDOM))
    return parts, position


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The state of an optimiser, flat: by place of the parameter and name."""
    states = optimizer.state_dict()["state"]
    return {f"{place}.{name}": torch.as_tensor(v) for place, state in states.items() for name, v in state.items()}


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Takes up what `optimizer_tensors` gave; learning rates and decays stay."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        place, key = name.split(".", 1)
        state.setdefault(int(place), {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _shapes(tensors: Mapping[str, Tensor]) -> dict[str, list[int]]:
    return {name: list(value.shape) for name, value in tensors.items()}

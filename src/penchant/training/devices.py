"""Where a network learns: a word becomes a device, and the random states of all that is in use are kept. Knows no network."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor

from penchant.records.errors import ConfigError
from penchant.records.ranges import check_word

AUTO, CPU = "auto", "cpu"
DEVICES = (AUTO, CPU, "cuda", "mps")


def find_device(word: str) -> torch.device:
    """ "auto": a CUDA device if there is one, else the CPU.

    Raises: ConfigError for an unknown word, or a device that is not there.
    """
    check_word("device", word, DEVICES)
    there = {CPU: True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if word == AUTO:
        return torch.device("cuda" if there["cuda"] else CPU)
    if not there[word]:
        found = ", ".join(name for name, is_there in there.items() if is_there)
        raise ConfigError(f"The device {word!r} is not here, found {found}. Leave `device` out, or name one of these.")
    return torch.device(word)


def moved(values: Tensor, device: torch.device) -> Tensor:
    """To the device; to a CUDA device while the CPU goes on, which needs memory that stays where it is."""
    if device.type == "cuda" and values.device.type == CPU:
        return values.pin_memory().to(device, non_blocking=True)
    return values.to(device)


def all_moved(values: Mapping[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    """By name."""
    return {name: moved(value, device) for name, value in values.items()}


def random_states() -> dict[str, Tensor]:
    """Of the CPU's generator, and of CUDA's where it is in use."""
    states = {CPU: torch.get_rng_state()}
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def set_random_states(states: Mapping[str, Tensor]) -> None:
    """Takes up what `random_states` gave; what is not in use here is left."""
    torch.set_rng_state(states[CPU])
    if "cuda" in states and torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.set_rng_state(states["cuda"])


@contextmanager
def drawn_again(states: Mapping[str, Tensor]) -> Iterator[None]:
    """Within the block chance repeats itself from these states on; behind it, it goes on as if nothing had been."""
    now = random_states()
    set_random_states(states)
    try:
        yield
    finally:
        set_random_states(now)

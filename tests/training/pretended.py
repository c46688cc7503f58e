"""A device that isn't there: a CPU calculates, while tensors say that they are elsewhere and refuse to meet those that are not.

It shows that everything is moved, on machines without a GPU: what would stop a real step, a tensor of the CPU beside one of the
device, stops this one. It says nothing of a GPU's speed or rounding: its numbers are the CPU's, bit for bit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.backend_registration import _DummyBackendModule, _setup_privateuseone_for_python_backend

aten = torch.ops.aten


class Module(_DummyBackendModule):
    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.bfloat16]


_setup_privateuseone_for_python_backend("elsewhere", backend_module=Module())
THERE = torch.device("elsewhere", 0)
MAY_MEET = {
    aten.index.Tensor,
    aten.index_put_.default,
    aten.index_put.default,
    aten.copy_.default,
    aten._index_put_impl_.default,
}
"""CUDA takes indices from the CPU, and copies between devices."""


class Elsewhere(torch.Tensor):
    """A tensor on a pretended device; `held` has its numbers."""

    held: torch.Tensor

    @staticmethod
    def __new__(cls, real: torch.Tensor) -> "Elsewhere":
        made = torch.Tensor._make_wrapper_subclass(
            cls,
            real.size(),
            strides=real.stride(),
            storage_offset=real.storage_offset(),
            dtype=real.dtype,
            device=THERE,
        )
        made.held = real
        return made

    def __repr__(self) -> str:  # type: ignore[override]
        return f"Elsewhere({self.held})"

    def tolist(self) -> list[Any]:
        return self.cpu().tolist()

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return calculate(func, args, kwargs or {})


class Pretending(TorchDispatchMode):
    """New tensors too are made where they are asked for."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return calculate(func, args, kwargs or {})


def calculate(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    if func in (aten.is_pinned.default, aten._pin_memory.default):
        return args[0] if func is aten._pin_memory.default else False
    tensors = [value for value in tree_leaves((args, kwargs)) if isinstance(value, torch.Tensor)]
    away = [value for value in tensors if isinstance(value, Elsewhere)]
    here = [value for value in tensors if not isinstance(value, Elsewhere) and value.dim()]
    if away and here and func not in MAY_MEET:
        raise RuntimeError(f"Expected all tensors to be on the same device, but {func} meets both.")
    asked = kwargs.get("device")
    to_there = bool(away) if asked is None else torch.device(asked).type == THERE.type
    if func is aten.copy_.default:
        to_there = isinstance(args[0], Elsewhere)
    if asked is not None:
        kwargs = {**kwargs, "device": torch.device("cpu")}
    known = {id(value.held): value for value in away}
    found = func(*tree_map(_real, args), **tree_map(_real, kwargs))

    def placed(value: Any) -> Any:
        if not isinstance(value, torch.Tensor) or not to_there:
            return value
        return known.get(id(value)) if id(value) in known else Elsewhere(value)

    return tree_map(placed, found)


def _real(value: Any) -> Any:
    return value.held if isinstance(value, Elsewhere) else value


@contextmanager
def pretended() -> Iterator[torch.device]:
    """Within the block there is one more device."""
    with Pretending():
        yield THERE

"""Penchant: an LLM-driven, multi-task recommender."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penchant.data.read import read
    from penchant.stages.assemble import fit, load
    from penchant.stages.model import Model

__version__ = "0.1.0"
__all__ = ["Model", "__version__", "fit", "load", "read"]

_HOMES = {
    "read": "penchant.data.read",
    "fit": "penchant.stages.assemble",
    "load": "penchant.stages.assemble",
    "Model": "penchant.stages.model",
}


def __getattr__(name: str) -> Any:
    """Public names are imported when they are used (PEP 562): `import penchant` loads no heavy library."""
    if name not in _HOMES:
        raise AttributeError(f"module 'penchant' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)

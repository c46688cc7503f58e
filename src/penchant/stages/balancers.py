"""Which balancer joins the losses: chosen by one word. The methods are torchjd's, which is imported where one is made."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from penchant.records.errors import ConfigError, suggestion
from penchant.training.balancing.balancer import Balancer
from penchant.training.balancing.dwa import DynamicAverage
from penchant.training.balancing.exact import ExactBalancer
from penchant.training.balancing.famo import FastAdaptive
from penchant.training.balancing.fixed import FixedWeights
from penchant.training.balancing.gradient import GradientBalancer
from penchant.training.balancing.nash import NashWeigher
from penchant.training.balancing.scalarized import Scalarized
from penchant.training.balancing.weigher import Weigher

FIXED = "fixed"
NEEDS = {"cagrad": "cvxpy clarabel", "nash-mtl": "cvxpy ecos"}
"""What pip has to bring for these two, which solve a program at each step."""


def _sum(tasks: Sequence[str]) -> Balancer:
    from torchjd.scalarization import Sum

    return Scalarized(tasks, Sum())


def _uncertainty(tasks: Sequence[str]) -> Balancer:
    from torchjd.scalarization import UW

    return Scalarized(tasks, UW(len(tasks)), positive=True)


def _geometric_mean(tasks: Sequence[str]) -> Balancer:
    from torchjd.scalarization import GeometricMean

    return Scalarized(tasks, GeometricMean(), positive=True)


def _imtl_l(tasks: Sequence[str]) -> Balancer:
    from torchjd.scalarization import IMTLL

    return Scalarized(tasks, IMTLL(len(tasks)), positive=True)


def _stch(tasks: Sequence[str]) -> Balancer:
    """Nearly the worst loss: mu 0.1 of its paper, which finds a small one good; times K, so that weights are shares of one."""
    from torchjd.scalarization import STCH

    return Scalarized(tasks, STCH(mu=0.1 * len(tasks), weights=torch.ones(len(tasks))))


def _upgrad(_: int) -> Weigher:
    """The solver works in float64, so it needs less of a push off zero than torchjd gives it (1e-4)."""
    from torchjd.aggregation import UPGradWeighting
    from torchjd.linalg import QuadprogProjector

    return Weigher(UPGradWeighting(projector=QuadprogProjector(reg_eps=1e-6)), shares=True)


def _pcgrad(_: int) -> Weigher:
    from torchjd.aggregation import PCGradWeighting

    return Weigher(PCGradWeighting())


def _cagrad(_: int) -> Weigher:
    """c 0.5 as in LibMTL; below 1 it ends in a minimum of the mean loss. torchjd's norm_eps 1e-4 stops at small tasks."""
    from torchjd.aggregation import CAGradWeighting

    return Weigher(CAGradWeighting(c=0.5, norm_eps=1e-7), shares=True)


def _mgda(_: int) -> Weigher:
    from torchjd.aggregation import MGDAWeighting

    return Weigher(MGDAWeighting(), shares=True)


def _imtl_g(_: int) -> Weigher:
    from torchjd.aggregation import IMTLGWeighting

    return Weigher(_in_single(IMTLGWeighting()), equal_sizes=True, shares=True)


def _aligned_mtl(_: int) -> Weigher:
    from torchjd.aggregation import AlignedMTLWeighting

    return Weigher(_in_single(AlignedMTLWeighting()), shares=True)


def _fairgrad(_: int) -> Weigher:
    """alpha 1: proportional fairness, where lengths of gradients don't matter."""
    from torchjd.aggregation import FairGradWeighting

    return Weigher(FairGradWeighting(alpha=1.0), equal_sizes=True)


def _in_single(method: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """Gradients that say the same count as one where precision ends: in double that is below what single ones carry."""
    return lambda gramian: method(gramian.float())


SCALARIZATIONS: dict[str, Callable[[Sequence[str]], Balancer]] = {
    "sum": _sum,
    "uncertainty": _uncertainty,
    "dwa": DynamicAverage,
    "famo": FastAdaptive,
    "geometric-mean": _geometric_mean,
    "imtl-l": _imtl_l,
    "stch": _stch,
}
GRADIENT_METHODS: dict[str, Callable[[int], Weigher]] = {
    "upgrad": _upgrad,
    "pcgrad": _pcgrad,
    "cagrad": _cagrad,
    "mgda": _mgda,
    "imtl-g": _imtl_g,
    "aligned-mtl": _aligned_mtl,
    "nash-mtl": NashWeigher,
    "fairgrad": _fairgrad,
}
WORDS = (FIXED, *SCALARIZATIONS, *GRADIENT_METHODS)


def check_balancer(word: str, weights: Mapping[str, float] | None = None, *, exact: bool = False) -> None:
    """Raises: ConfigError for an unknown word, or options that contradict each other."""
    if word not in WORDS:
        raise ConfigError(f"There is no balancer {word!r}. {suggestion(word, WORDS)}")
    if weights and word != FIXED:
        raise ConfigError(
            f"Balancer {word!r} finds its own weights, found {dict(weights)}. Leave them out, or use 'fixed'."
        )
    if exact and word not in GRADIENT_METHODS:
        raise ConfigError(
            f"Only gradient methods can be exact, found {word!r}. "
            f"Leave `exact_gradients` out, or use one of {', '.join(GRADIENT_METHODS)}."
        )


def make_balancer(
    word: str, tasks: Sequence[str], weights: Mapping[str, float] | None = None, *, exact: bool = False
) -> Balancer:
    """A fresh balancer for these tasks.

    weights: of each task, above 0, for `fixed` alone; 1 where there are none. exact: gradient methods look at the
    parameters of the trunk instead of at the shared features, at about the price of one backward per task.
    Raises: ConfigError for an unknown word, a contradiction, or a missing library.
    """
    check_balancer(word, weights, exact=exact)
    if word == FIXED:
        return FixedWeights(tasks, _checked(tasks, weights or dict.fromkeys(tasks, 1.0)))
    try:
        if word in SCALARIZATIONS:
            return SCALARIZATIONS[word](tasks)
        return (ExactBalancer if exact else GradientBalancer)(tasks, GRADIENT_METHODS[word](len(tasks)))
    except ImportError as error:
        raise ConfigError(
            f"Balancer {word!r} needs a library that is not installed. Install it: pip install {NEEDS[word]}"
        ) from error


def _checked(tasks: Sequence[str], weights: Mapping[str, float]) -> list[float]:
    """One weight above 0 for each task."""
    for name in weights:
        if name not in tasks:
            raise ConfigError(f"A weight is given for {name!r}, which is no task here. {suggestion(name, tasks)}")
    for name in tasks:
        if name not in weights:
            raise ConfigError(f"Every task needs a weight, {name!r} has none. Add it, or leave the task out.")
        if not 0 < weights[name] < float("inf"):
            raise ConfigError(
                f"The weight of {name!r} must be above 0, found {weights[name]}. Leave the task out instead."
            )
    return [weights[name] for name in tasks]

"""That the ways of sharing differ from each other; what each promises is in the contract."""

import pytest
import torch

from contracts.sharing_contract import features
from penchant.models.sharing.mmoe import MMoE
from penchant.models.sharing.ple import PLE
from penchant.models.sharing.separate import Separate
from penchant.models.sharing.shared_bottom import SharedBottom
from penchant.models.sharing.sharing import Sharing

KINDS: list[type[Sharing]] = [MMoE, PLE, Separate, SharedBottom]


def made(kind: type[Sharing]) -> Sharing:
    torch.manual_seed(0)
    return kind(6, 4, 3)


@pytest.mark.parametrize("one", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_two_kinds_differ_in_size_and_in_what_is_read(one: type[Sharing], other: type[Sharing]) -> None:
    sizes = [sum(value.numel() for value in made(kind).parameters()) for kind in (one, other)]
    apart = (made(one)(features()) - made(other)(features())).abs().max().item()
    assert (sizes[0] != sizes[1]) == (apart > 0.1) == (one is not other)


def test_without_a_forward_it_is_no_sharing() -> None:
    half = type("Half", (Sharing,), {})
    with pytest.raises(TypeError, match="abstract method"):
        half(6, 4, 3)

"""Every word gives a balancer that keeps the promises of all; contradictions and missing libraries are told of."""

import sys
from collections.abc import Callable, Sequence

import pytest

from contracts.balancer_contract import BalancerContract, step
from penchant.records.errors import ConfigError
from penchant.stages.balancers import GRADIENT_METHODS, SCALARIZATIONS, WORDS, make_balancer
from penchant.training.balancing.balancer import Balancer
from training.balancing.small import TASKS, Small


class TestEveryWord(BalancerContract):
    @pytest.fixture(params=WORDS)
    def make(self, request: pytest.FixtureRequest) -> Callable[[Sequence[str]], Balancer]:
        return lambda tasks: make_balancer(request.param, tasks)


class TestEveryExactWord(BalancerContract):
    @pytest.fixture(params=GRADIENT_METHODS)
    def make(self, request: pytest.FixtureRequest) -> Callable[[Sequence[str]], Balancer]:
        return lambda tasks: make_balancer(request.param, tasks, exact=True)


@pytest.mark.parametrize("word", [word for word in WORDS if word not in ("fixed", "sum")])
def test_every_word_but_two_makes_a_difference(word: str) -> None:
    """After some steps of several epochs the weights are no longer those of the sum."""
    network, balancer = Small(), make_balancer(word, TASKS)
    for parameter in balancer.parameters():
        parameter.data += 0.3
    for number in range(3):
        weights = step(network, balancer, number)
        balancer.on_epoch()
    shares = [weight / sum(weights.values()) for weight in weights.values()]
    if not balancer.parameters():
        assert max(shares) - min(shares) > 0.003, weights
    assert set(weights.values()) != {1.0}


def test_fixed_takes_weights_and_nobody_else_does() -> None:
    weights = {"a": 2.0, "b": 0.1}
    assert make_balancer("fixed", ["a", "b"], weights).weights == weights  # type: ignore[attr-defined]
    for word in (*SCALARIZATIONS, *GRADIENT_METHODS):
        with pytest.raises(ConfigError, match=r"finds its own weights, found \{'a': 2.0, 'b': 0.1\}"):
            make_balancer(word, ["a", "b"], weights)


def test_weights_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"no task here. Did you mean 'rating'\?"):
        make_balancer("fixed", ["rating"], {"rating": 1.0, "ratings": 1.0})
    with pytest.raises(ConfigError, match="'like' has none"):
        make_balancer("fixed", ["rating", "like"], {"rating": 1.0})
    for value in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ConfigError, match=f"must be above 0, found {value}"):
            make_balancer("fixed", ["rating"], {"rating": value})


def test_an_unknown_word_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"no balancer 'pc-grad'. Did you mean 'pcgrad'\?"):
        make_balancer("pc-grad", TASKS)


@pytest.mark.parametrize("word", ["fixed", *SCALARIZATIONS])
def test_exact_is_for_gradient_methods(word: str) -> None:
    with pytest.raises(ConfigError, match=f"found '{word}'. Leave `exact_gradients` out"):
        make_balancer(word, TASKS, exact=True)


@pytest.mark.parametrize(
    ("word", "library", "line"), [("cagrad", "clarabel", "cvxpy clarabel"), ("nash-mtl", "ecos", "cvxpy ecos")]
)
def test_a_missing_library_is_named_with_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch, word: str, library: str, line: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ConfigError, match=f"Balancer '{word}' .* pip install {line}"):
        make_balancer(word, TASKS)

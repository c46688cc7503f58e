import optuna
import pytest

from penchant.records.errors import ConfigError
from penchant.stages.config import resolve_config
from penchant.stages.space import Choices, Space, Span


def test_what_is_searched_and_what_is_fixed() -> None:
    space = Space.parse(
        [
            "ema=0..0.99",
            "num_blocks=1..3",
            "embedding_size=16,32",
            "epochs=4",
            "weights.like=2",
            "weights.rating=0.1..1",
        ]
    )
    assert space.searched == {
        "ema": Span(low=0.0, high=0.99),
        "num_blocks": Span(low=1, high=3),
        "embedding_size": Choices(ends=(16, 32)),
        "weights.rating": Span(low=0.1, high=1.0),
    }
    assert space.fixed == {"epochs": 4, "weights": {"like": 2.0}}
    assert space.options({"weights.rating": 0.5, "ema": 0.9}) == {
        "epochs": 4,
        "ema": 0.9,
        "weights": {"like": 2.0, "rating": 0.5},
    }


@pytest.mark.parametrize(
    ("span", "log"),
    [
        (Span(low=0.1, high=1.0), True),
        (Span(low=0.2, high=1.0), False),
        (Span(low=0, high=9), False),
        (Span(low=1, high=16), True),
    ],
)
def test_wide_spans_are_searched_by_the_logarithm(span: Span, log: bool) -> None:
    assert span.log is log


def test_draws_lie_within_the_space() -> None:
    space = Space.parse(
        ["learning_rate=0.001..0.1", "num_blocks=1..3", "sharing=ple,mmoe", "exact_gradients=true,false"]
    )
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    drawn = [space.draw(study.ask()) for _ in range(60)]
    assert all(0.001 <= options["learning_rate"] <= 0.1 for options in drawn)
    assert 20 < sum(options["learning_rate"] < 0.01 for options in drawn) < 40  # half, by the logarithm
    assert {options["num_blocks"] for options in drawn} == {1, 2, 3}
    assert {options["sharing"] for options in drawn} == {"ple", "mmoe"}
    assert {options["exact_gradients"] for options in drawn} == {True, False}


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["epochs=3"], "Nothing is to be searched"),
        (["ema=0.9..0.1"], "A span goes from low to high, found ema=0.9..0.1"),
        (["sharing=ple..mmoe"], "sharing is no number, so it has no span"),
        (["sharing=ple,ple"], "Every value is listed once"),
        (["epochs=1..2.5"], "epochs is a whole number, found '2.5'"),
        (["objective.rating=0.1..1"], "objective.rating says what is best"),
        (["ema=0..0.9", "ema=0.5"], "ema is set twice"),
        (["emma=0..0.9"], "Did you mean 'ema'"),
    ],
)
def test_what_cannot_be_searched_is_refused(pairs: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Space.parse(pairs)


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("sharing=ple,mmeo", "Did you mean 'mmoe'"),
        ("dropout=0..1", "dropout must be"),
        ("embedding_size=64,65", "num_heads must divide"),
    ],
)
def test_every_end_is_tried_before_the_search_begins(pair: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Space.parse([pair]).check(lambda options: resolve_config("tiny", 0, **options))

import math
import warnings

import numpy as np
import pytest

from penchant.ranking.formula import parse_formula
from penchant.records.errors import ConfigError

LOG_NEXT = np.log([[0.5, 0.25, 0.125]])


def worth(text: str, **values: list[float]) -> list[float]:
    """What three candidates are worth, with chances 1/2, 1/4, 1/8 of being next."""
    given = {name.replace("__", "."): np.array([row]) for name, row in values.items()}
    return np.exp(parse_formula(text).log_values(LOG_NEXT, given))[0].tolist()


@pytest.mark.parametrize(
    ("text", "constant", "exponents"),
    [
        ("like", 1, {"like": 1}),
        ("like^1 * rating^0.5", 1, {"like": 1, "rating": 0.5}),
        (" 2*like ^ -1.5e0*item.price^.5 ", 2, {"like": -1.5, "item.price": 0.5}),
        ("next^0 * 4^0.5 * 3", 6, {"next": 0}),
        ("item.单价", 1, {"item.单价": 1}),
    ],
)
def test_products_are_read(text: str, constant: float, exponents: dict[str, float]) -> None:
    found = parse_formula(text)
    assert (found.exponents, math.exp(found.log_constant)) == (exponents, pytest.approx(constant))


def test_values_are_products_and_the_chance_of_being_next_counts_once() -> None:
    likes, stars = [0.2, 0.4, 0.9], [4.0, 1.0, 9.0]
    assert worth("like", like=likes) == pytest.approx([0.5 * 0.2, 0.25 * 0.4, 0.125 * 0.9])
    assert worth("next^0 * 3 * rating^0.5", rating=stars) == pytest.approx([6, 3, 9])
    assert worth("next^2 * rating^-1", rating=stars) == pytest.approx([1 / 16, 1 / 16, 1 / 576])


def test_what_has_no_number_or_one_not_above_0_is_worth_nothing() -> None:
    assert worth("item.price", price=[math.nan, 0, 8]) == pytest.approx([0, 0, 1])
    assert worth("item.price^-1", price=[-1, 2, math.nan]) == pytest.approx([0, 0.125, 0])
    assert worth("item.price", price=[math.inf, 1, -math.inf]) == pytest.approx([0, 0.25, 0])


def test_predictions_of_0_do_not_run_away_and_nothing_warns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = parse_formula("next^0 * like * item.price").log_values(
            np.zeros((1, 2)), {"like": np.array([[0.0, 1.0]]), "price": np.array([[1.0, math.nan]])}
        )
    assert found[0, 0] == pytest.approx(math.log(1e-9))
    assert found[0, 1] == -math.inf


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "A name or a number is needed .* found its end"),
        ("like *", "A name or a number is needed .* found its end"),
        ("like + rating", r"\* or \^ is needed .* found '\+ rating'"),
        ("like(1)", r"found '\(1\)'"),
        ("like^rating", r"found '\^rating'"),
        ("like ** 2", r"found '\* 2'"),
        ("__import__('os')", r"found .\('os'\)"),
        ("like * like^2", "'like' stands twice"),
        ("like^0", "changes nothing"),
        ("like^1e999", r"The exponent of 'like' in .* of at most 100, found inf"),
        ("item.price^-101", r"of at least -100 and of at most 100, found -101"),
        ("2^1e308 * 9^1e308", r"The exponent of 2 in"),
        ("0 * like", "above 0, found 0"),
        ("-1 * like", "above 0, found -1"),
        ("1e999 * like", "finite"),
    ],
)
def test_everything_else_is_refused(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        parse_formula(text)


def test_unknown_tasks_are_named() -> None:
    with pytest.raises(ConfigError, match=r"Unknown name 'liek' in a value\. Did you mean 'like'"):
        parse_formula("liek * item.price").check(["like", "rating"])
    parse_formula("like * item.price * next^2").check(["like"])

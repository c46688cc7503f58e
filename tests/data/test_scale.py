import polars as pl
import pytest

from penchant.data.scale import rating_scale


@pytest.mark.parametrize(
    ("ratings", "scale"),
    [
        ([2, 5], (1, 5)),
        ([4, 3], (1, 5)),
        ([0.5, 4], (0.5, 5)),
        ([1, 3.5], (0.5, 5)),
        ([1.2, 4.8], (1, 5)),
        ([1, 8], (1, 10)),
        ([0, 9], (0, 10)),
        ([0, 5], (0, 5)),
        ([0, 1], (0, 1)),
        ([1, 3], (1, 3)),
        ([-10, 10], (-10, 10)),
        ([1, 100], (1, 100)),
        ([5, 5], (1, 5)),
        ([1, 1], None),
        ([None, None], None),
    ],
)
def test_scales(ratings: list[float | None], scale: tuple[float, float] | None) -> None:
    events = pl.DataFrame({"kind": ["rate", "review"], "value": pl.Series(ratings, dtype=pl.Float64)})
    assert rating_scale(events) == scale


def test_values_of_other_kinds_are_no_ratings() -> None:
    events = pl.DataFrame({"kind": ["rate", "rate", "play"], "value": [1.0, 5.0, 9000.0]})
    assert rating_scale(events) == (1, 5)

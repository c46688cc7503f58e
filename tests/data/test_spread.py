import pytest

from penchant.data.spread import FREE_CELLS, MAX_COLUMNS, SPREAD, check_spread
from penchant.records.errors import DataError


def test_tables_of_any_length_pass_and_thin_ones_to_a_degree() -> None:
    check_spread(10**9, 5, 5 * 10**9, "a")
    check_spread(FREE_CELLS, 1, 0, "a")
    check_spread(10**9, 5, 5 * 10**9 // SPREAD, "a")
    check_spread(1, MAX_COLUMNS, 0, "a")


def test_too_wide_and_too_thin_ones_are_refused() -> None:
    with pytest.raises(DataError, match=r"a has 10,001 columns, and at most 10,000"):
        check_spread(1, MAX_COLUMNS + 1, MAX_COLUMNS + 1, "a")
    with pytest.raises(DataError, match=r"a spreads 1 cells over 4,194,305 rows and 1 columns"):
        check_spread(FREE_CELLS + 1, 1, 1, "a")

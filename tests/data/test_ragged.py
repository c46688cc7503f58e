import polars as pl
import pytest

from penchant.data.dialect import Dialect
from penchant.data.parsing import Odd, Rows
from penchant.data.ragged import BLANK, BYTES, CUT, FEW, LONG, MANY, mended

DIALECT = Dialect(",", '"', ("user", "item"), 1, True)


def rows(*odd: Odd, breaks_off: bool = False) -> Rows:
    """Two rows that fit, at the places 0 and 2, and odd ones."""
    fitting = pl.DataFrame({"c0": ["a", "c"], "c1": ["x", "z\ufffd"], "place": [0, 2]})
    return Rows(fitting, list(odd), breaks_off)


@pytest.mark.parametrize(
    ("text", "fate", "reason", "row"),
    [
        ("b", "repaired", FEW, ("b", None)),
        ('"b,b"', "repaired", FEW, ("b,b", None)),
        ("b,y,,", "repaired", MANY, ("b", "y")),
        ("b,y,z", "rejected", LONG, None),
        ("  ", "rejected", BLANK, None),
        (",,", "rejected", BLANK, None),
    ],
)
def test_each_odd_row_is_repaired_in_its_place_or_rejected(text: str, fate: str, reason: str, row: object) -> None:
    frame, listed = mended(rows(Odd(1, text)), DIALECT, sound=True)
    assert frame.columns == ["user", "item"]
    assert frame.rows() == [("a", "x"), *([row] if row else []), ("c", "z\ufffd")]
    assert listed.rows() == [(1, fate, reason, text)]


def test_the_last_row_of_a_file_that_breaks_off() -> None:
    last, before = Odd(3, "d"), Odd(1, "b")
    assert mended(rows(before, last, breaks_off=True), DIALECT, sound=True)[1]["reason"].to_list() == [FEW, CUT]
    assert mended(rows(before, last), DIALECT, sound=True)[1]["reason"].to_list() == [FEW, FEW]


def test_damaged_letters_are_looked_for_only_in_damaged_files() -> None:
    frame, listed = mended(rows(), DIALECT, sound=False)
    assert frame.rows() == [("a", "x")]
    assert listed.rows() == [(2, "rejected", BYTES, "c,z\ufffd")]
    assert mended(rows(), DIALECT, sound=True)[1].is_empty()

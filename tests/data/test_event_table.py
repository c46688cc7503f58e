import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.data.event_table import EventTable, read_events, widened
from penchant.data.infer import infer_columns
from penchant.data.scan import RawTable
from penchant.records.data import REJECTED
from penchant.records.errors import DataError
from penchant.records.words import EVENT_COLUMNS

NOON = 1_700_000_000
CELLS = {
    "user_id": st.sampled_from(["a", "007", "", " ", "NA", None]),
    "item_id": st.sampled_from(["x", "x ", "", None]),
    "kind": st.sampled_from(["view", "search", "rate", "", None]),
    "rating": st.sampled_from(["1", "4.5", "five", "inf", "-1e999", "nan", "", None]),
    "timestamp": st.sampled_from([str(NOON), f"{NOON}000", "0", "1899-12-30", "2999-01-01", "tomorrow", "", None]),
    "review": st.sampled_from(["fine", "caf\u00c3\u00a9", "\x00", "", None]),
}


def table(frame: pl.DataFrame, scale: tuple[float, float] | None = None) -> EventTable:
    return read_events(RawTable.of(frame), infer_columns(frame.columns, "events"), scale, NOON + 10)


@given(st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=12))
@settings(deadline=None, max_examples=500)
def test_every_row_is_kept_or_listed_whatever_it_holds(rows: list[dict[str, str | None]]) -> None:
    good = {"user_id": "u", "item_id": "i", "kind": "rate", "rating": "3", "timestamp": str(NOON), "review": "good"}
    frame = pl.DataFrame([good, *rows], schema=dict.fromkeys(CELLS, pl.String))
    found = table(frame)
    gone = found.rejected["row"].to_list()
    assert found.report["rows_in"] == len(rows) + 1 == found.events.height + len(gone)
    assert found.report["dropped"] == dict(found.rejected.group_by("reason").len().iter_rows())
    assert len(set(gone)) == len(gone)
    assert dict(found.rejected.schema) == REJECTED
    for row, column, value in found.rejected.select("row", "column", "value").iter_rows():
        assert frame[column][row - 1] == value
    kept = widened(found.events.lazy()).collect()
    assert dict(kept.schema) == EVENT_COLUMNS
    assert kept["timestamp"].is_between(NOON, NOON + 10).all()
    assert kept["value"].is_finite().fill_null(value=True).all()
    assert set(kept["user_id"]) <= {"u", "a", "007", "NA"}


def test_rejected_rows_are_named_as_their_owner_knows_them() -> None:
    frame = pl.DataFrame(
        {
            "buyer": ["u", "", "u", "v", "w", "w"],
            "sku": ["i", "i", "i", "j", "j", "j"],
            "stars": ["5", "5", "5", "good", "3", "3"],
            "time": [f"{NOON}", f"{NOON}", f"{NOON + 1}", f"{NOON}", "1899-12-30", f"{NOON}"],
        }
    )
    assert table(frame).rejected.rows() == [
        ("events", 2, "no user", "buyer", ""),
        ("events", 3, "near duplicate", "sku", "i"),
        ("events", 4, "unreadable value", "stars", "good"),
        ("events", 5, "time before 1973", "time", "1899-12-30"),
    ]


def test_units_are_mended_row_by_row() -> None:
    times = [NOON, (NOON + 1) * 10**3, (NOON + 2) * 10**6, (NOON + 3) * 10**9, 0]
    found = table(pl.DataFrame({"user": ["u"] * 5, "item": list("abcde"), "ts": times}))
    assert found.has_clock
    assert found.events["timestamp"].to_list() == [NOON, NOON + 1, NOON + 2, NOON + 3]
    assert found.report["dropped"] == {"time before 1973": 1}


def test_small_numbers_are_an_order_and_nothing_is_too_early() -> None:
    found = table(pl.DataFrame({"user": ["u"] * 3, "item": list("abc"), "seq": [2, 0, 1]}))
    assert not found.has_clock
    assert found.events["item_id"].cast(pl.String).to_list() == ["b", "c", "a"]
    assert found.report["dropped"] == {}


def test_a_given_scale_rejects_what_lies_off_it() -> None:
    frame = pl.DataFrame({"user": ["u", "v"], "item": ["i", "j"], "stars": [0.0, 5.0]})
    assert table(frame).report["dropped"] == {}
    assert table(frame, (1, 5)).report["dropped"] == {"rating off the scale": 1}


@pytest.mark.parametrize(
    ("place", "chance"), [("position", "propensity"), ("slot", "show_probability"), ("曝光位置", "曝光概率")]
)
def test_where_things_stood_and_how_likely_has_ranges(place: str, chance: str) -> None:
    frame = pl.DataFrame(
        {
            "user": list("abcdef"),
            "item": ["i"] * 6,
            "event_type": ["impression"] * 6,
            place: [1, 0, -1, 1, 1, None],
            chance: [1.0, 0.25, 0.5, 0.0, 1.5, None],
        }
    )
    found = table(frame)
    assert found.report["dropped"] == {"position below 0": 1, "propensity outside 0..1": 2}
    assert found.events.select("position", "propensity").rows() == [(1, 1.0), (0, 0.25), (None, None)]


@pytest.mark.parametrize(
    ("row", "kind"),
    [({"stars": None}, "view"), ({"stars": 3.0}, "rate"), ({"stars": None, "review": "good"}, "review")],
)
def test_a_rating_that_is_not_there_is_no_rating(row: dict[str, object], kind: str) -> None:
    found = table(
        pl.DataFrame(
            [{"user": "u", "item": "i"} | row, {"user": "v", "item": "i", "stars": 1.0}], infer_schema_length=None
        )
    )
    assert found.events.filter(user_id="u")["kind"].to_list() == [kind]


def test_texts_are_mended_and_counted() -> None:
    frame = pl.DataFrame({"user": ["u", "v"], "item": ["i&amp;i", "j"], "review": ["caf\u00c3\u00a9", "fine"]})
    found = table(frame)
    assert found.events["text"].to_list() == ["café", "fine"]
    assert found.events["item_id"].cast(pl.String).to_list() == ["i&amp;i", "j"]
    assert found.report["mended"] == {"text": {"mojibake": 1}}


def test_a_ready_made_split_goes_with_its_rows() -> None:
    frame = pl.DataFrame(
        {"user": ["a", "", "b"], "item": list("xyz"), "ts": [2, 2, 1], "split": ["test", "train", "train"]}
    )
    found = table(frame)
    assert found.parts is not None
    assert found.parts.to_list() == ["train", "test"]
    assert table(frame.with_columns(split=pl.lit("7"))).parts is None


def test_a_column_in_which_nothing_can_be_read_is_an_error() -> None:
    frame = pl.DataFrame({"user": ["u", "v"], "item": ["i", "j"], "stars": ["good", "bad"]})
    with pytest.raises(DataError, match=r"value must be a finite number.*row 1 of 'stars' holds 'good'.*2 others"):
        table(frame)


def test_no_event_left_is_an_error_that_counts_the_reasons() -> None:
    frame = pl.DataFrame({"user": ["u", None], "item": [None, "j"]})
    with pytest.raises(DataError, match=r"No event is left of 2: \{'no user': 1, 'no item': 1\}"):
        table(frame)


def test_a_narrow_table_holds_no_column_that_nobody_gave() -> None:
    found = table(pl.DataFrame({"user": ["u"] * 1000, "item": [str(n) for n in range(1000)]}))
    nothing = [word for word, kind in found.events.schema.items() if kind == pl.Null]
    assert nothing == ["value", "text", "domain", "position", "propensity", "context"]

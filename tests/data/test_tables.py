import polars as pl

from penchant.data.tables import REJECTED, REPAIRED, SHOWN, Table, repair_notes, repairs, without_empty_tail


def test_rows_in_are_rows_kept_and_rows_rejected() -> None:
    listed = repairs([(2, REPAIRED, "short", "a"), (3, REJECTED, "long", "b" * 1000), (5, REJECTED, "long", "c")])
    table = Table(frame=pl.DataFrame({"id": ["x", "y", "z"]}), repairs=listed)
    assert (table.rows_in, table.rejected) == (5, 2)
    assert listed["text"].str.len_chars().to_list() == [1, SHOWN, 1]
    assert repair_notes(listed) == (
        "1 row repaired: short (first: line 2)",
        "2 rows rejected: long (first: line 3)",
    )


def test_a_table_of_memory_needs_no_repairs() -> None:
    table = Table(frame=pl.DataFrame({"id": ["x"]}))
    assert (table.rows_in, table.rejected, table.notes) == (1, 0, ())


def test_a_named_column_or_one_with_cells_is_never_left_out() -> None:
    frame = pl.DataFrame({"id": ["1"], "empty": [None], "column_3": ["x"]})
    same, notes = without_empty_tail(frame, {"column_3"})
    assert same.equals(frame)
    assert notes == ()
    assert without_empty_tail(frame.head(0), {"column_3"})[0].columns == ["id", "empty"]

"""Who asked to be forgotten."""

from pathlib import Path

import polars as pl

from penchant.serving.events.log import Logged
from penchant.serving.forgotten import FILE, Forgotten


def test_they_are_left_out_of_what_is_read_and_not_named(tmp_path: Path) -> None:
    table = pl.DataFrame({"user_id": ["ann", "bob", "ann"], "item_id": ["1", "2", "3"]})
    gone = Forgotten(tmp_path / "live")
    assert gone.left(table) is table
    gone.add("ann", 7)
    assert gone.left(table).rows() == [("bob", "2")]
    assert gone.left(table, log_sequence=6).rows() == [("bob", "2")]
    assert gone.left(table, log_sequence=7) is table  # made when ann was erased already, so these rows came later
    again = Forgotten(tmp_path / "live")
    assert again.left(table).rows() == [("bob", "2")]
    assert again.newest == 7
    path = tmp_path / "live" / FILE
    assert b"ann" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_log_from_a_backup_is_read_without_them(tmp_path: Path) -> None:
    rows = [
        Logged(sequence=number, tenant="default", event={"user_id": person}, received_at=0)
        for number, person in enumerate(["ann", "bob", "ann"], 5)
    ]
    gone = Forgotten(tmp_path / "live")
    assert list(gone.passed(rows)) == rows
    gone.add("ann", 7)
    assert list(gone.passed(rows)) == rows[1:]


def test_two_folders_do_not_hash_alike(tmp_path: Path) -> None:
    hashes = []
    for name in ("a", "b"):
        Forgotten(tmp_path / name).add("ann", 7)
        hashes.append((tmp_path / name / FILE).read_text("utf-8").split('"hashes"')[1])
    assert hashes[0] != hashes[1]

import json
from pathlib import Path

import pytest

from penchant.evaluation.row_card import Card
from penchant.records.errors import DataError


def test_a_card_is_read_as_it_was_written(tmp_path: Path) -> None:
    card = Card(row="SASRec 0.19", seed=3, fit_seconds=1.5, about="cut")
    card.write(tmp_path / "a.b@3.npz")
    assert Card.beside(tmp_path / "a.b@3.npz") == card


def test_without_a_card_the_file_names_the_row(tmp_path: Path) -> None:
    assert Card.beside(tmp_path / "SASRec.npz") == Card(row="SASRec")


def test_few_words_suffice_and_wrong_ones_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({"row": "x", "fit_seconds": 2}))
    assert Card.beside(tmp_path / "x.npz").fit_seconds == 2
    (tmp_path / "x.json").write_text(json.dumps({"row": "x", "fit_second": 2}))
    with pytest.raises(DataError, match=r"unknown key 'fit_second'. Did you mean 'fit_seconds'"):
        Card.beside(tmp_path / "x.npz")
    (tmp_path / "x.json").write_text(json.dumps({"row": 7}))
    with pytest.raises(DataError, match="row must be a plain, finite str"):
        Card.beside(tmp_path / "x.npz")

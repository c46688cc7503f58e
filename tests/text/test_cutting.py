from pathlib import Path

import pytest

from penchant.records.errors import DataError
from penchant.text.cutting import Cutting
from penchant.text.encoders.tfidf import fit_tfidf
from penchant.text.encoders.words import WordsEncoder
from penchant.text.stop_words import BOTH

TEXT = "我的骨传导耳机 and GoPro Hero"


def test_words_of_the_user_stay_whole_in_any_case_and_stop_words_go() -> None:
    assert Cutting()(TEXT) == ["我", "的", "骨", "传导", "耳机", "and", "gopro", "hero"]
    own = Cutting({"骨传导耳机": None, "GoPro Hero": None}, frozenset({"的", "AND"}))
    assert own(TEXT) == ["我", "骨传导耳机", "gopro hero"]


def test_the_digest_tells_other_words_apart_and_is_empty_without() -> None:
    cuttings = [Cutting(), Cutting({"a": None}), Cutting({"a": 3}), Cutting({"b": None}), Cutting({}, frozenset("a"))]
    assert len({cutting.digest for cutting in cuttings}) == 5
    assert Cutting().digest == ""
    assert Cutting({"a": 1, "b": 2}).digest == Cutting({"b": 2, "a": 1}).digest


def test_it_comes_back_from_its_values() -> None:
    own = Cutting({"骨传导耳机": None, "x": 7}, frozenset({"的"}))
    assert Cutting.of_dict(own.to_dict()) == own


def test_files_of_words(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("骨传导耳机 100 n\nGoPro\n", encoding="utf-8-sig")
    (tmp_path / "stop.txt").write_text("的\nand\n", encoding="utf-8")
    own = Cutting.read(tmp_path / "words.txt", str(tmp_path / "stop.txt"))
    assert own == Cutting({"骨传导耳机": 100, "GoPro": None}, frozenset({"的", "and"}))
    assert Cutting.read(stop_words="common").stop_words == BOTH
    assert Cutting.read() == Cutting()
    (tmp_path / "empty.txt").write_text("\n")
    with pytest.raises(DataError, match=r"empty\.txt holds no word"):
        Cutting.read(tmp_path / "empty.txt")
    with pytest.raises(DataError, match=r"gone\.txt cannot be read"):
        Cutting.read(stop_words=str(tmp_path / "gone.txt"))


def test_what_was_fitted_is_named_by_its_cutting_even_where_no_text_shows_it(tmp_path: Path) -> None:
    texts = ["red lamp", "red shoe", "blue lamp", "blue shoe"]
    plain, own = fit_tfidf(texts, Cutting()), fit_tfidf(texts, Cutting({"骨传导耳机": None}))
    assert plain.words == own.words
    assert plain.model_id != own.model_id
    own.save(tmp_path / "own")
    again = WordsEncoder.load(tmp_path / "own", Cutting({"骨传导耳机": None}))
    assert again.model_id == own.model_id

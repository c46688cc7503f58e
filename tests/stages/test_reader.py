"""What an encoder gets to see."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from penchant.records.errors import ConfigError
from penchant.stages.encoders import ChosenEncoder
from penchant.stages.reader import JOINS, TextReader, make_reader
from penchant.text.cutting import Cutting
from penchant.text.encoders.hashing import HashingEncoder
from penchant.vectors.store import VectorStore


class Witness(HashingEncoder):
    """Remembers what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.seen += texts
        return super().encode(texts)


@pytest.fixture
def witness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Witness:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path))
    return Witness()


def test_personal_data_and_broken_text_do_not_reach_the_encoder(witness: Witness) -> None:
    reader = TextReader(ChosenEncoder.fitted("witness", witness))
    reader.read(["Write to ann@example.com", "caf\u00c3\u00a9 \u3000ＡＢＣ", "plain"])
    assert sorted(witness.seen) == ["Write to [mail]", "café ABC", "plain"]
    assert reader.found == {"mail": 1}


def test_scrubbing_can_be_switched_off(witness: Witness) -> None:
    reader = TextReader(ChosenEncoder.fitted("witness", witness), scrub=False)
    reader.read(["Write to ann@example.com"])
    assert witness.seen == ["Write to ann@example.com"]
    assert reader.about()["scrub"] is False


def test_texts_that_differ_only_in_personal_data_are_read_once(witness: Witness) -> None:
    vectors = TextReader(ChosenEncoder.fitted("witness", witness)).read(["Mail a@b.com", "Mail c@d.org"])
    assert witness.seen == ["Mail [mail]"]
    np.testing.assert_array_equal(vectors[0], vectors[1])


ROWS = [
    {"title": "Blue lamp", "tags": ["light"], "description": "A lamp for the desk that can be dimmed in five steps."},
    {"title": "Red lamp", "tags": ["light"], "description": None},
    {"title": None, "tags": None, "description": None},
]


def test_each_join_gives_other_vectors_and_comes_back_from_its_folder(witness: Witness, tmp_path: Path) -> None:
    vectors = {}
    for join in JOINS:
        reader = TextReader(ChosenEncoder("hashing"), join=join)
        reader.fit(ROWS)
        vectors[join] = reader.read_items(ROWS)
        (tmp_path / join).mkdir()
        reader.save(tmp_path / join)
        again = TextReader.load(tmp_path / join, reader.about())
        np.testing.assert_array_equal(again.read_items(ROWS[:2]), vectors[join][:2])
    assert np.abs(vectors["concat"] - vectors["mean"]).max() > 0.01
    assert np.abs(vectors["attention"] - vectors["mean"]).max() > 0.01


def test_an_unknown_join_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"no join 'means'\. Did you mean 'mean'"):
        TextReader(ChosenEncoder("hashing"), join="means")


def test_chinese_is_read_in_the_script_that_was_asked_for(witness: Witness, tmp_path: Path) -> None:
    TextReader(ChosenEncoder.fitted("witness", witness)).read(["無線耳機"])
    TextReader(ChosenEncoder.fitted("witness", witness), script="simplified").read(["無線耳機"])
    TextReader(ChosenEncoder.fitted("witness", witness), script="traditional").read(["无线充电器"])
    assert witness.seen == ["無線耳機", "无线耳机", "無線充電器"]
    reader = TextReader(ChosenEncoder("hashing"), script="simplified")
    reader.save(tmp_path)
    again = TextReader.load(tmp_path, reader.about())
    assert again.script == "simplified"
    np.testing.assert_array_equal(*again.read(["無線耳機", "无线耳机"]))
    with pytest.raises(ConfigError, match=r"No script 'simple'\. Did you mean 'simplified'"):
        TextReader(ChosenEncoder("hashing"), script="simple")  # type: ignore[arg-type]


SHOP = ["骨傳導耳機，紅色", "骨傳導耳機，藍色", "普通耳機，紅色", "普通耳機，藍色", "人骨標本", "傳導材料"]


@pytest.mark.usefixtures("witness")
def test_words_of_the_user_change_what_is_learned_and_come_back_from_the_folder(tmp_path: Path) -> None:
    """As one word it has nothing in common with other headphones; in pieces it has."""
    own = Cutting({"骨傳導耳機": None}, frozenset({"普通"}))
    plain = make_reader(SHOP, "tfidf", script="simplified")
    reader = make_reader(SHOP, "tfidf", script="simplified", cutting=own)
    words = {"plain": plain.chosen.encoder.words, "own": reader.chosen.encoder.words}  # type: ignore[attr-defined]
    assert set(words["plain"]) - set(words["own"]) == {"骨", "传导", "普通"}
    assert set(words["own"]) - set(words["plain"]) == {"骨传导耳机"}
    query = ["骨传导耳机", "普通耳机"]
    apart, together = (a @ b for a, b in (reader.read(query), plain.read(query)))
    assert together > 0.1 > abs(apart)
    reader.save(tmp_path)
    again = TextReader.load(tmp_path, reader.about())
    np.testing.assert_array_equal(again.read(query), reader.read(query))


def test_words_for_an_encoder_that_does_not_cut_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"fitted on words, and 'hashing' is none\. .*take word2vec or tfidf"):
        make_reader(SHOP, "hashing", cutting=Cutting({"骨傳導耳機": None}))


@pytest.mark.usefixtures("witness")
def test_what_is_fitted_never_sees_personal_data() -> None:
    reader = make_reader(["call ann@example.com now", "call ann@example.com soon"] * 2, "tfidf")
    assert "ann" not in reader.chosen.encoder.words  # type: ignore[attr-defined]
    open_reader = make_reader(["call ann@example.com now", "call ann@example.com soon"] * 2, "tfidf", scrub=False)
    assert any("ann" in word for word in open_reader.chosen.encoder.words)  # type: ignore[attr-defined]


def test_what_the_join_learns_of_the_catalogue_is_not_counted_twice(witness: Witness) -> None:
    reader = TextReader(ChosenEncoder.fitted("witness", witness), join="attention")
    rows = [{"title": "Lamp", "description": "Ask ann@example.com"}]
    reader.fit(rows)
    reader.read_items(rows)
    assert reader.found == {"mail": 1}


def test_the_store_is_opened_once(witness: Witness, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another cache, or one that was cleared, is another store."""
    opened: list[Path] = []

    class Counted(VectorStore):
        def __init__(self, folder: Path, dimension: int) -> None:
            opened.append(folder)
            super().__init__(folder, dimension)

    monkeypatch.setattr("penchant.stages.reader.VectorStore", Counted)
    reader = TextReader(ChosenEncoder.fitted("witness", witness))
    first = reader.read(["a", "b"])
    np.testing.assert_array_equal(reader.read(["b", "c", "a"])[[2, 0]], first)
    assert len(opened) == 1
    shutil.rmtree(tmp_path / "vectors")
    np.testing.assert_array_equal(reader.read(["a", "b"]), first)
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path / "other"))
    np.testing.assert_array_equal(reader.read(["a", "b"]), first)
    assert len(opened) == 3
    assert len(set(opened)) == 2

"""What an encoder gets to see."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from penchant.records.errors import ConfigError
from penchant.stages.encoders import ChosenEncoder
from penchant.stages.reader import JOINS, TextReader
from penchant.text.encoders.hashing import HashingEncoder


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

"""What an encoder gets to see."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from penchant.stages.encoders import ChosenEncoder
from penchant.stages.reader import TextReader
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

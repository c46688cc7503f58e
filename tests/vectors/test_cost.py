import time
from collections.abc import Sequence

import numpy as np
import pytest

from penchant.assets.resolve import resolve
from penchant.vectors.cost import Cost, count_tokens, estimate, measure_pace


class SteadyEncoder:
    """Takes 1 ms a token: a real encoder with a pace that is known."""

    model_id = "steady"
    dimension = 1

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.calls.append(list(texts))
        time.sleep(count_tokens(texts) / 1000)
        return np.ones((len(texts), 1), np.float32)


def test_cost_is_tokens_by_pace() -> None:
    """2 words and 2 marks, 3 characters and 2 marks: 9 tokens at 3 a minute."""
    assert estimate(7, ["hot soup", "跑步鞋"], tokens_per_second=3 / 60) == Cost(
        num_texts=7, num_new=2, num_tokens=9, minutes=3.0
    )
    assert estimate(7, [], tokens_per_second=1) == Cost(num_texts=7, num_new=0, num_tokens=0, minutes=0)


def test_long_texts_are_cut_off() -> None:
    assert count_tokens(["word " * 1000, "a"], max_tokens=10) == 10 + 3
    assert estimate(1, ["word " * 1000], tokens_per_second=1, max_tokens=60).minutes == 1


def test_long_words_are_several_tokens() -> None:
    assert count_tokens(["abcdef"]) == 3
    assert count_tokens(["abcdefg"]) == 4


@pytest.mark.assets
@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("all-MiniLM-L6-v2", ["Wireless noise-cancelling headphones, 30 hours of battery life.", "A film about toys."]),
        ("multilingual-e5-small", ["无线降噪耳机，三十小时续航。", "这是一本关于爱情的小说，非常好看。"]),
    ],
)
def test_counts_are_near_those_of_real_tokenizers(name: str, texts: list[str]) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(resolve(name).path / "tokenizer.json"))
    tokenizer.no_padding()
    real = sum(len(encoding.ids) for encoding in tokenizer.encode_batch(texts))
    assert 0.6 < count_tokens(texts) / real < 1.6


def test_the_pace_is_measured() -> None:
    assert measure_pace(["hot soup", "soup"] * 20, SteadyEncoder()) == pytest.approx(1000, rel=0.15)


def test_the_sample_is_drawn_by_seed() -> None:
    texts = [f"text {number}" for number in range(500)]
    drawn = []
    for seed in (0, 0, 1):
        encoder = SteadyEncoder()
        measure_pace(texts, encoder, seed=seed)
        drawn.append(encoder.calls[1])
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(set(drawn[0])) == 64


def test_no_texts() -> None:
    with pytest.raises(ValueError, match="one text or more"):
        measure_pace([], SteadyEncoder())

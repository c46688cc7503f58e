"""What encoding will cost, told before it starts. Arithmetic on counts: nothing here reads a disk or runs a model twice."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from penchant.vectors.encoder import Encoder

PIECE = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,6}|[^\w\s]"
)
"""What a tokenizer makes one token of, more or less: a Chinese character, up to six letters, a sign."""
MARKS = 2
"""Tokens that stand at the ends of each text."""
SAMPLE_TEXTS, SAMPLE_SECONDS = 64, 3.0


@dataclass(frozen=True, kw_only=True)
class Cost:
    """`num_tokens`, about, of the `num_new` texts that have no vector yet; `minutes` that they will take."""

    num_texts: int
    num_new: int
    num_tokens: int
    minutes: float

    def __str__(self) -> str:
        """
        >>> print(Cost(num_texts=12000, num_new=3400, num_tokens=410_000, minutes=6.2))
        12,000 texts, 3,400 of them new: about 410,000 tokens, 6.2 minutes
        """
        return (
            f"{self.num_texts:,} texts, {self.num_new:,} of them new: "
            f"about {self.num_tokens:,} tokens, {self.minutes:.2g} minutes"
        )


def estimate(num_texts: int, new_texts: Sequence[str], tokens_per_second: float, max_tokens: int = 128) -> Cost:
    """The cost of encoding the new ones of a number of distinct texts.

    >>> estimate(5, ["hot soup", "热汤"], tokens_per_second=0.2)
    Cost(num_texts=5, num_new=2, num_tokens=8, minutes=0.667)
    """
    tokens = count_tokens(new_texts, max_tokens)
    minutes = round(tokens / tokens_per_second / 60, 3)
    return Cost(num_texts=num_texts, num_new=len(new_texts), num_tokens=tokens, minutes=minutes)


def count_tokens(texts: Sequence[str], max_tokens: int = 128) -> int:
    """About how many tokens a model reads of the texts, each cut off at `max_tokens`.

    >>> count_tokens(["Running shoes, size 42", "跑步鞋"])
    13
    """
    return sum(min(sum(1 for _ in PIECE.finditer(text[: 8 * max_tokens])) + MARKS, max_tokens) for text in texts)


def measure_pace(texts: Sequence[str], encoder: Encoder, max_tokens: int = 128, seed: int = 0) -> float:
    """Tokens a second, on a few of the texts drawn at random; takes some seconds, after the model is loaded.

    Errors of `count_tokens` cancel out, for the pace is in the same unit. Raises ValueError without a text.
    """
    if not texts:
        raise ValueError("A pace is measured on one text or more.")
    encoder.encode(texts[:1])
    drawn = np.random.default_rng(seed).permutation(len(texts))[:SAMPLE_TEXTS]
    sample = [texts[position] for position in drawn]
    tokens, began = 0, time.perf_counter()
    while tokens == 0 or time.perf_counter() - began < SAMPLE_SECONDS / 3:
        encoder.encode(sample)
        tokens += count_tokens(sample, max_tokens)
    return tokens / (time.perf_counter() - began)

"""Texts per CPU second of what happens to text before a model reads it, and how far rjieba cuts as jieba does.

    PENCHANT_DATA=path/to/data python benchmarks/text.py

jieba is in the extra "dev". One process, one thread of polars; loading dictionaries and models is not counted.
"""

import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import regex

from penchant.text.duplicates import near_duplicates
from penchant.text.keyphrases import keyphrases
from penchant.text.language import languages
from penchant.text.normalise import normalise
from penchant.text.scrub import scrub
from penchant.text.segment import Segmenter

HAN = regex.compile(r"\p{Han}")


def places(words: list[str]) -> set[tuple[int, int]]:
    """Start and end of each word."""
    found, start = set(), 0
    for word in words:
        found.add((start, start + len(word)))
        start += len(word)
    return found


def compare_segmenters(texts: list[str]) -> None:
    import jieba  # type: ignore[import-untyped]
    import rjieba

    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()
    rjieba.cut("")
    seconds, cuts = {}, {}
    for name, cut in (("rjieba", rjieba.cut), ("jieba", jieba.lcut)):
        started = time.process_time()
        cuts[name] = [cut(text) for text in texts]
        seconds[name] = time.process_time() - started
    same = sum(ours == theirs for ours, theirs in zip(cuts["rjieba"], cuts["jieba"], strict=True)) / len(texts)
    num_words = num_chinese = equal = equal_chinese = 0
    only_ours = Counter[str]()
    for text, ours, theirs in zip(texts, cuts["rjieba"], cuts["jieba"], strict=True):
        mine = places(ours)
        for start, end in places(theirs):
            chinese = HAN.search(text[start:end]) is not None
            num_words, equal = num_words + 1, equal + ((start, end) in mine)
            num_chinese, equal_chinese = num_chinese + chinese, equal_chinese + (chinese and (start, end) in mine)
        only_ours.update(text[start:end] for start, end in mine - places(theirs))
    print(
        f"{len(texts)} texts, {num_words} words of jieba: equal texts {same:.2%}, equal words {equal / num_words:.3%}"
    )
    print(f"of {num_chinese} words with a Chinese letter {equal_chinese / num_chinese:.4%}")
    print(f"only rjieba's: {only_ours.most_common(12)}")
    print(f"only rjieba's with a Chinese letter: {sum(n for word, n in only_ours.items() if HAN.search(word))}")
    print(
        f"seconds: {seconds['jieba']:.2f} jieba, {seconds['rjieba']:.2f} rjieba, {seconds['jieba'] / seconds['rjieba']:.0f} times"
    )


def main() -> None:
    root = os.environ.get("PENCHANT_DATA")
    if not root:
        sys.exit("Set PENCHANT_DATA to the folder that holds the data sets.")
    chinese = pl.read_parquet(Path(root) / "zh_reviews" / "reviews.parquet")["review"]
    english = pl.read_parquet(Path(root) / "steam_reviews" / "interactions.parquet")["review_text"].drop_nulls()
    compare_segmenters(chinese.sample(12_000, seed=0).to_list())
    segmenter = Segmenter()
    steps: dict[str, Callable[[pl.Series], Any]] = {
        "normalise": normalise,
        "normalise to simplified": lambda texts: normalise(texts, "simplified"),
        "scrub": scrub,
        "segment": segmenter.segment,
        "languages": languages,
        "near_duplicates": near_duplicates,
        "keyphrases": lambda texts: keyphrases(texts.to_list()),
    }
    for name, texts in (("zh_reviews", chinese), ("steam_reviews", english)):
        for step, work in steps.items():
            work(texts.head(10))
            started = time.process_time()
            work(texts)
            print(f"{name:14} {step:24} {len(texts) / (time.process_time() - started):12,.0f} texts/s")


if __name__ == "__main__":
    main()

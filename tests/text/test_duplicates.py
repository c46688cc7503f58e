import random
import time

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.text.duplicates import near_duplicates, same_words, shingles


def jaccard(left: str, right: str) -> float:
    a, b = set(shingles(left).tolist()), set(shingles(right).tolist())
    return len(a & b) / len(a | b)


def some_words(seed: int, count: int, alphabet: str = "abcdefghijklmnopqrstuvwxyz") -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices(alphabet, k=rng.randint(2, 9))) for _ in range(count)]


def test_shingles_are_five_letters_in_a_row() -> None:
    assert len(shingles("abcdefg")) == 3
    assert len(shingles("aaaaaaa")) == 1
    assert len(shingles("ab")) == 1
    assert len(shingles("!? ")) == 0
    assert jaccard("abcdefg", "abcdefX") == 2 / 4
    assert jaccard("A b, c d e!", "abcde") == 1
    assert jaccard("这家酒店很好", "这家酒店很差") == 1 / 3


@pytest.mark.parametrize("alphabet", ["abcdefghijklmnopqrstuvwxyz", "酒店很好早餐不错房间干净服务态度差书价格便宜"])
def test_grouped_as_by_comparing_all_pairs(alphabet: str) -> None:
    """Of 300 texts in families of altered copies: all pairs above .8 meet, none below .7 meets without a link between."""
    rng = random.Random(0)
    texts = []
    for family in range(60):
        words = some_words(family, 25, alphabet)
        for _ in range(5):
            changed = [rng.choice(words) if rng.random() < 0.05 else word for word in words]
            texts.append(" ".join(changed))
    groups = near_duplicates(pl.Series(texts))
    sets = [set(shingles(text).tolist()) for text in texts]
    similar = np.array([[len(a & b) / len(a | b) for b in sets] for a in sets])
    together = groups[:, None] == groups[None]
    assert (similar > 0.8).sum() > 300
    assert together[similar > 0.8].all()
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        if len(members) > 1:
            assert np.sort(similar[np.ix_(members, members)], axis=1)[:, -2].min() >= 0.7


@given(st.lists(st.text("abc ,酒店", max_size=12) | st.none(), max_size=12))
@settings(max_examples=50, deadline=None)
def test_any_texts(texts: list[str | None]) -> None:
    groups = near_duplicates(pl.Series("text", texts, pl.String))
    bare = ["".join(c for c in text or "" if c.isalpha()) for text in texts]
    for i, a in enumerate(bare):
        assert (groups[i] == -1) == (a == "")
        for j, b in enumerate(bare):
            if a and a == b:
                assert groups[i] == groups[j]


def test_groups_are_numbered_by_their_first_text() -> None:
    texts = pl.Series(["one text here", "another text there", "ONE TEXT, HERE", None, "third"])
    assert near_duplicates(texts).tolist() == [0, 1, 0, -1, 2]


def test_similarity_decides() -> None:
    texts = pl.Series(["abcdefghij", "abcdefghXY"])  # 4 of 8 shingles
    assert near_duplicates(texts, similarity=0.7).tolist() == [0, 1]
    assert near_duplicates(texts, similarity=0.5).tolist() == [0, 0]


def test_same_words_in_any_order() -> None:
    words = some_words(0, 12)
    other = [*words[:9], *some_words(1, 3)][::-1]  # 9 of 15 words
    rows = pl.Series([words, words[::-1], other, some_words(2, 12), [], None], dtype=pl.List(pl.String))
    assert same_words(rows).tolist() == [0, 0, 0, 1, -1, -1]
    assert same_words(rows, similarity=0.7).tolist() == [0, 0, 1, 2, -1, -1]


def test_many_copies_cost_no_more_than_many_texts() -> None:
    rng = random.Random(0)
    copies = pl.Series(["the very same words again and again, with a number"] * 20_000)
    words = some_words(3, 3000)
    others = pl.Series([" ".join(rng.choices(words, k=9)) for _ in range(20_000)])
    started = time.process_time()
    assert near_duplicates(copies).max() == 0
    assert near_duplicates(others).max() > 19_900
    assert time.process_time() - started < 20


def test_no_texts() -> None:
    assert near_duplicates(pl.Series([], dtype=pl.String)).tolist() == []
    assert near_duplicates(pl.Series([None, "…"], dtype=pl.String)).tolist() == [-1, -1]

"""Pieces of reviews."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.text.reviews.clauses import clauses


def pieces(text: str) -> list[str]:
    return [text[begin:end] for begin, end in clauses(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("房间大，床软。早餐好!", ["房间大", "床软", "早餐好"]),
        ("房间大但是吵", ["房间大", "但是吵"]),
        ("Clean room. Nice view", ["Clean room", "Nice view"]),
        ("Clean but small", ["Clean", "but small"]),
        ("a nicely butchered steak", ["a nicely butchered steak"]),
        ("It costs 3.50, or 1,000 a week", ["It costs 3.50", "or 1,000 a week"]),
        ("离火车站近 房间小", ["离火车站近", "房间小"]),
        ("很好.满意", ["很好", "满意"]),
        ("", []),
        ("...!!!", []),
    ],
)
def test_cuts_where_another_thing_is_said(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@given(st.text(alphabet="房间很大，。但是 good but, .!\n3'", max_size=60))
def test_no_letter_is_lost_and_nothing_overlaps(text: str) -> None:
    spans = clauses(text)
    assert all(begin < end for begin, end in spans)
    assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))
    kept = "".join(letter for piece in pieces(text) for letter in piece if letter.isalnum())
    assert kept == "".join(letter for letter in text if letter.isalnum())

from pathlib import Path

import pytest
from tokenizers import Tokenizer

from penchant.assets.tokens import replace, write_unigram

PIECES = {
    "<s>": 0.0,
    "</s>": 0.0,
    "<unk>": 0.0,
    "▁": -9.0,
    "▁hot": -1.0,
    "▁h": -2.0,
    "ot": -2.0,
    "▁so": -3.0,
    "up": -3.0,
}


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    rules = [replace("\\t", " "), replace("Z", "")]
    path = tmp_path / "tokenizer.json"
    write_unigram(path, list(PIECES), list(PIECES.values()), unknown=2, rules=rules, ends=("<s>", "</s>"))
    return Tokenizer.from_file(str(path))


def test_the_likeliest_pieces_are_taken(tokenizer: Tokenizer) -> None:
    """-1 of one piece beats -2 and -2 of two."""
    assert tokenizer.encode("hot soup").tokens == ["<s>", "▁hot", "▁so", "up", "</s>"]


def test_rules_come_first(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("hZot\tsoup").ids == tokenizer.encode("hot soup").ids


@pytest.mark.parametrize("text", ["hot   soup", "  hot soup", "hot soup  "])
def test_spaces_count_once_and_not_at_the_ends(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.encode(text).ids == tokenizer.encode("hot soup").ids


def test_what_is_not_known_is_one_unknown_piece(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("汤汤").ids == [0, 3, 2, 1]


def test_no_text(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("").tokens == ["<s>", "</s>"]


def test_the_same_pieces_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_unigram(tmp_path / name, list(PIECES), list(PIECES.values()), unknown=2, rules=[], ends=("<s>", "</s>"))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

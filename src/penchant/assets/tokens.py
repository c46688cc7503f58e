"""Tokenizers as `tokenizer.json`, written out as they are read, so that the same pieces always give the same bytes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Rule = dict[str, Any]


def write_tokenizer(path: Path, model: Rule, **steps: Any) -> None:
    """`steps`: added_tokens, normalizer, pre_tokenizer, post_processor, decoder; what is not given does nothing."""
    nothing = dict.fromkeys(("truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder"))
    content = {"version": "1.0", **nothing, "added_tokens": [], **steps, "model": model}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def write_unigram(
    path: Path,
    pieces: Sequence[str],
    scores: Sequence[float],
    unknown: int,
    rules: Sequence[Rule],
    ends: tuple[str, str],
) -> None:
    """A SentencePiece unigram model (Kudo, 2018): pieces with their log-probabilities.

    `unknown` is the row of the unknown piece, `rules` are applied to a text first, `ends` are put around its tokens.
    Runs of spaces count as one and those at the ends as none, as in SentencePiece.
    """
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    write_tokenizer(
        path,
        {"type": "Unigram", "unk_id": unknown, "vocab": list(map(list, zip(pieces, scores, strict=True)))},
        normalizer={"type": "Sequence", "normalizers": [*rules, replace(" {2,}", " ")]},
        pre_tokenizer={"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]},
        post_processor=_around(ends, [pieces.index(end) for end in ends]),
        decoder=metaspace,
    )


def replace(pattern: str, by: str) -> Rule:
    """A rule of a normaliser: a regular expression and what stands in for it."""
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": by}


def _around(ends: tuple[str, str], ids: Sequence[int]) -> Rule:
    first, last = ({"SpecialToken": {"id": end, "type_id": 0}} for end in ends)
    one, two = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    special = {end: {"id": end, "ids": [row], "tokens": [end]} for end, row in zip(ends, ids, strict=True)}
    return {
        "type": "TemplateProcessing",
        "single": [first, one, last],
        "pair": [first, one, last, last, two, last],
        "special_tokens": special,
    }

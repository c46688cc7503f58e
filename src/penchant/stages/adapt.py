"""`penchant adapt`: the language model fitted to the texts that go together in a run, then frozen, as a folder of its own."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from penchant.assets.resolve import resolve
from penchant.data.rows import event_texts, to_events
from penchant.records.errors import ConfigError, suggestion
from penchant.records.events import Events
from penchant.records.vocabulary import Vocabulary
from penchant.stages.encoders import AUTO, ENGLISH, MULTILINGUAL, word_for
from penchant.stages.prepare import read_data
from penchant.stages.reader import clean_texts
from penchant.text.adapt import Adaptation, Pair, adapt, next_pairs, review_pairs, together_pairs
from penchant.text.templates import item_texts

ASSETS = {ENGLISH: "all-MiniLM-L6-v2", MULTILINGUAL: "multilingual-e5-small"}
PROMPTS = {MULTILINGUAL: "query: "}


def _next(events: Events, texts: Sequence[str], _reviews: Sequence[str]) -> list[Pair]:
    return next_pairs(_histories(events), texts)


def _together(events: Events, texts: Sequence[str], _reviews: Sequence[str]) -> list[Pair]:
    return together_pairs(_histories(events), texts)


def _review(events: Events, texts: Sequence[str], reviews: Sequence[str]) -> list[Pair]:
    written = (events.text_rows >= 0) & (events.item_rows >= 0)
    rows = zip(events.text_rows[written], events.item_rows[written], strict=True)
    return review_pairs([(reviews[text], item) for text, item in rows], texts)


PAIRS: dict[str, Callable[[Events, Sequence[str], Sequence[str]], list[Pair]]] = {
    "next": _next,
    "together": _together,
    "review": _review,
}


def adapt_run(
    run: Path,
    out: Path,
    *,
    encoder: str = AUTO,
    pairs: Sequence[str] = ("next",),
    share: float = 0.8,
    most: int = 5000,
    rank: int = 8,
    epochs: int = 1,
    seed: int = 0,
) -> dict[str, Any]:
    """Trains on the earliest events of `run/data`; gives the path of the new model, its losses and what it learned from.

    encoder: minilm, e5-small, auto, or the folder of a transformer.
    pairs: next (what somebody met -> what came next), together (two items met within a few steps), review (a review -> its item).
    share: of the events, oldest first, above 0 to 1. What is evaluated by time has to be later: validation begins at 0.8.
    most: pairs, drawn by chance. rank: of LoRA; 0 trains all weights.

    Raises: ConfigError for an unknown word or a share out of range, DataError where there are no pairs.
    """
    if not 0 < share <= 1:
        raise ConfigError(f"share is the part of the events that is learned from, above 0 to 1, found {share}.")
    for kind in pairs:
        if kind not in PAIRS:
            raise ConfigError(f"There are no pairs {kind!r}. {suggestion(kind, PAIRS)}")
    data = read_data(run)
    users, items = (
        Vocabulary(table[column].to_list()) for table, column in ((data.users, "user_id"), (data.items, "item_id"))
    )
    texts, reviews = clean_texts(item_texts(data.items)), clean_texts(event_texts(data, users, items))
    events = to_events(data, users, items)
    past = events.take(np.arange(len(events)) < round(share * len(events)))
    found = [pair for kind in pairs for pair in PAIRS[kind](past.take(past.item_rows >= 0), texts, reviews)]
    drawn = np.random.default_rng(seed).permutation(len(found))[:most]
    word = word_for(texts) if encoder == AUTO else encoder
    settings = Adaptation(rank=rank, epochs=epochs, prompt=PROMPTS.get(word, ""))
    path, losses = adapt(resolve(ASSETS.get(word, word)).path, [found[row] for row in drawn], out, settings, seed)
    tenth = max(1, len(losses) // 10)
    return {
        "encoder": str(path),
        "adapted_from": word,
        "num_pairs": len(drawn),
        "num_events": len(past),
        "loss_first": float(np.mean(losses[:tenth])),
        "loss_last": float(np.mean(losses[-tenth:])),
    }


def _histories(events: Events) -> list[list[int]]:
    order, ptr = events.grouped(int(events.user_rows.max(initial=-1)) + 1)
    return [part.tolist() for part in np.split(events.item_rows[order], ptr[1:-1])]

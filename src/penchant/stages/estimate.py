"""What encoding will cost, told before anything is encoded: texts, tokens, minutes, and what the cache has already.

How long training takes is not guessed: it depends on the epoch at which validation stops it. What the last evaluation of the
run took is told where there was one; beyond that, the bar of `train` tells the time left after its first steps.
"""

from pathlib import Path
from typing import Any

from penchant.assets.resolve import default_cache
from penchant.data.rows import event_texts
from penchant.records.artifacts import read_json
from penchant.records.data import Data
from penchant.records.vocabulary import Vocabulary
from penchant.stages.encoders import AUTO, FITTED, word_for
from penchant.stages.prepare import read_data
from penchant.stages.reader import TextReader, make_reader
from penchant.text.cutting import Cutting
from penchant.text.normalise import Script
from penchant.text.templates import item_texts
from penchant.vectors.cost import Cost, estimate, measure_pace
from penchant.vectors.encode import new_texts, store_for

FIT_TEXTS = 2000
"""An encoder that is fitted on the items is fitted on so many of them here: for its pace, not for its vectors."""


def estimate_run(run: Path, **options: Any) -> dict[str, Any]:
    """`estimate_data` of `run/data`, with `last_evaluation`: its size and minutes, None where there was none."""
    return {**estimate_data(read_data(run), **options), "last_evaluation": _last_evaluation(run)}


def estimate_data(
    data: Data,
    *,
    encoder: str = AUTO,
    scrub: bool = True,
    join: str = "concat",
    script: Script = "keep",
    cutting: Cutting | None = None,
) -> dict[str, Any]:
    """What `train` with the same options would encode: `encoder`, `num_texts` (different ones), `num_new` (not in the cache),
    `num_tokens` of the new ones, about, and `minutes`, measured on 64 of them on this machine.

    Raises: ConfigError for unknown words, AssetError for a model that cannot be had.
    """
    own = item_texts(data.items)
    users, items = Vocabulary(data.users["user_id"]), Vocabulary(data.items["item_id"])
    said = event_texts(data, users, items)
    word = word_for(own, said) if encoder == AUTO else encoder
    reader = make_reader(own[:FIT_TEXTS], word, scrub, join, script, cutting)
    texts = reader.texts_of(data.items.to_dicts(), said)
    return {"encoder": word, **vars(_cost(reader, texts, is_new=word in FITTED))}


def estimate_lines(told: dict[str, Any]) -> list[str]:
    """What a person reads at a terminal."""
    lines = [f"encoder: {told['encoder']}", str(Cost(**{name: told[name] for name in Cost.__dataclass_fields__}))]
    last = told.get("last_evaluation")
    if last is None:
        return [*lines, "training: its bar tells the time left after the first steps; it is not guessed here"]
    return [
        *lines,
        f"training: the last evaluation of this run took {last['minutes']:.2g} minutes (size {last['size']})",
    ]


def _cost(reader: TextReader, texts: list[str], is_new: bool) -> Cost:
    """is_new: no vector can be there yet, for the encoder has still to be fitted."""
    encoder = reader.chosen.encoder
    new = texts if is_new else new_texts(texts, encoder, store_for(default_cache() / "vectors", encoder))
    pace = measure_pace(new, encoder) if new else 1.0
    return estimate(len(texts), new, pace)


def _last_evaluation(run: Path) -> dict[str, Any] | None:
    path = run / "report" / "metrics.json"
    if not path.exists():
        return None
    metrics = read_json(path)
    return {"size": metrics["run"]["size"], "minutes": round(metrics["training"]["seconds"] / 60, 3)}

"""The split of a comparison as files that any system can read, in ids. The answers stay here."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from penchant.evaluation.cases import Cases
from penchant.records.artifacts import write_json
from penchant.records.words import KINDS
from penchant.stages.compared_rows import Ground
from penchant.stages.encode import Encoded


def export_split(ground: Ground, folder: Path) -> None:
    """Writes into `folder`, which is made where it is missing:

    train.parquet, valid.parquet: `user_id, item_id, timestamp, kind, value`, events in the order of time; settings are chosen
    by fitting on train, then all is fitted on both. items.parquet: `item_id` of the whole catalogue.
    valid_cases.parquet: `user_id, history, relevant`; cases.parquet: `user_id, history`, to be answered. Histories are oldest
    first; neither they nor the relevant items may stand in a list. split.json: the length of lists, and what split it is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    encoded = ground.encoded
    train = ground.split.train
    later = ground.split.before_test(encoded.events) & ~train
    for name, mask in (("train", train), ("valid", later)):
        _events(encoded, mask).write_parquet(folder / f"{name}.parquet")
    pl.DataFrame({"item_id": list(encoded.items.all)}).write_parquet(folder / "items.parquet")
    relevant = _ids(ground.valid.relevant_rows, ground.valid.relevant_ptr, encoded)
    valid = _cases(ground.valid, encoded).with_columns(pl.Series("relevant", relevant, pl.List(pl.String)))
    valid.write_parquet(folder / "valid_cases.parquet")
    _cases(ground.asked, encoded).write_parquet(folder / "cases.parquet")
    write_json(folder / "split.json", {"split": ground.key, "k": ground.k, "num_cases": len(ground.asked)})


def _events(encoded: Encoded, mask: np.ndarray) -> pl.DataFrame:
    events = encoded.events.take(mask & (encoded.events.item_rows >= 0))
    return pl.DataFrame(
        {
            "user_id": encoded.users.ids(events.user_rows.tolist()),
            "item_id": encoded.items.ids(events.item_rows.tolist()),
            "timestamp": events.timestamps,
            "kind": [KINDS[code] for code in events.kinds.tolist()],
            "value": events.values,
        }
    ).with_columns(pl.col("value").fill_nan(None))


def _cases(cases: Cases, encoded: Encoded) -> pl.DataFrame:
    histories = cases.histories
    kept = histories.item_rows >= 0
    met = np.concatenate([[0], np.cumsum(kept)])[histories.ptr]
    return pl.DataFrame(
        {
            "user_id": encoded.users.ids(cases.user_rows.tolist()),
            "history": pl.Series(_ids(histories.item_rows[kept], met, encoded), dtype=pl.List(pl.String)),
        }
    )


def _ids(item_rows: np.ndarray, ptr: np.ndarray, encoded: Encoded) -> list[list[str]]:
    names = encoded.items.ids(item_rows.tolist())
    return [names[start:end] for start, end in pairwise(ptr.tolist())]

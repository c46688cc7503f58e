import importlib.util
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from penchant.evaluation.cases import Cases
from penchant.records.events import Histories


@pytest.fixture(scope="session")
def yardstick() -> tuple[ModuleType, Path]:
    """An independent evaluator and the folder of its split files."""
    folder = os.environ.get("PENCHANT_YARDSTICK")
    if not folder:
        pytest.skip("needs the independent evaluator: set PENCHANT_YARDSTICK to its folder")
    spec = importlib.util.spec_from_file_location("yardstick", Path(folder) / "evaluate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, Path(folder) / "splits"


def cases_from(
    histories: Sequence[Sequence[int]],
    relevant: Sequence[Sequence[int]],
    known_users: Sequence[bool] | np.ndarray,
    known_items: Sequence[bool] | np.ndarray,
) -> Cases:
    """Cases from item rows, one list for each person."""
    seen = np.concatenate([np.zeros(0), *histories]).astype(np.int32)
    return Cases(
        histories=Histories(
            ptr=np.cumsum([0, *map(len, histories)]).astype(np.int64),
            item_rows=seen,
            timestamps=np.arange(len(seen)),
            values=np.full(len(seen), np.nan, np.float32),
            kinds=np.zeros(len(seen), np.int16),
            text_rows=np.full(len(seen), -1, np.int32),
            request_times=np.full(len(histories), len(seen)),
        ),
        user_rows=np.arange(len(histories), dtype=np.int32),
        relevant_ptr=np.cumsum([0, *map(len, relevant)]).astype(np.int64),
        relevant_rows=np.concatenate([np.zeros(0), *relevant]).astype(np.int32),
        known_users=np.asarray(known_users, bool),
        known_items=np.asarray(known_items, bool),
    )


@pytest.fixture(scope="session")
def make_cases() -> Callable[..., Cases]:
    return cases_from


def ranking(row: str, kind: str, ndcg: float, group: str = "all") -> list[dict[str, Any]]:
    """The three records of a row; the interval is the value plus and minus 0.01."""
    values = {"ndcg@10": ndcg, "recall@10": 2 * ndcg, "mrr@10": ndcg / 2}
    return [
        {"row": row, "kind": kind, "group": group, "metric": metric, "value": value}
        | {"low": value - 0.01, "high": value + 0.01, "num_cases": 943}
        for metric, value in values.items()
    ]


@pytest.fixture
def metrics() -> dict[str, Any]:
    """A whole report, as an evaluation run would hand it in."""
    systems = [("popularity", "simple", 0.06), ("Penchant", "ours", 0.13), ("transitions", "simple", 0.11)]
    ablations = [("without network", "ablation", 0.12), ("without text", "ablation", 0.129)]
    curve = [("train", 1.0, 1), ("valid", 1.1, 1), ("train", 0.8, 2), ("valid", 0.9, 2)]
    ends = {"metric": "ndcg@10", "group": "all"}
    return {
        "schema_version": 3,
        "run": {"name": "demo", "created_at": "2026-11-24T18:00:00Z", "penchant_version": "0.1.0"}
        | {"seed": 0, "size": "tiny", "config": {"epochs": 2, "note": "<b>"}},
        "data": {"num_users": 943, "num_items": 1682, "num_events": 100000, "source": "MovieLens-100K"},
        "protocol": {"name": "leave-last-out", "k": 10, "num_cases": 943, "description": "The last event is sought."},
        "ranking": [record for system in systems + ablations for record in ranking(*system)]
        + [record for row, kind, ndcg in systems for record in ranking(row, kind, ndcg / 2, "cold_history")],
        "coverage": [{"row": "Penchant", "value": 0.625}],
        "differences": [
            {"name": "Penchant - transitions", **ends, "value": 0.02, "low": 0.005, "high": 0.035},
            {"name": "Penchant - without network", **ends, "value": 0.01, "low": 0.002, "high": 0.018},
            {"name": "Penchant - without text", **ends, "value": 0.001, "low": -0.004, "high": 0.006},
        ],
        "lists": [
            {"row": row, "metric": metric, "value": value, "low": value - 0.01, "high": value + 0.01}
            | {"change": change, "change_low": change and change - 0.01, "change_high": change and change + 0.01}
            for row, metric, value, change in [
                ("plain", "distance", 0.5, None),
                ("plain", "ndcg@10", 0.13, None),
                ("mmr:weight=0.3", "distance", 0.6, 0.1),
                ("mmr:weight=0.3", "ndcg@10", 0.125, -0.005),
            ]
        ],
        "tasks": [
            {"task": "rating", "row": row, "metric": "rmse", "direction": "min", "value": value}
            | {"low": value - 0.01, "high": value + 0.01, "num": 2000}
            for row, value in [("constant", 1.13), ("Penchant", 1.02)]
        ]
        + [
            {"task": "like", "row": "Penchant", "metric": "auc", "direction": "max", "value": None}
            | {"low": None, "high": None, "num": 0}
        ],
        "calibration": [{"task": "like", "predicted": [0.2, 0.8], "observed": [0.25, 0.7], "count": [50, 50]}],
        "training": {
            "curves": [{"epoch": e, "split": s, "name": "next item loss", "value": v} for s, v, e in curve],
            "sharing": [
                {"epoch": epoch, "kind": kind, "of": of, "value": 0.25 * epoch}
                for epoch in (1, 2)
                for kind, of in [
                    ("cosine", "rating and like"),
                    ("norm", "like"),
                    ("weight", "like"),
                    ("load", "like, expert 0"),
                ]
            ],
            "seconds": 61.5,
            "positions_per_second": 31234.5,
            "peak_memory_mib": 812,
            "epochs": 2,
        },
        "costs": [
            {"row": "Penchant", "fit_seconds": 61.5, "score_seconds": 0.75},
            {"row": "transitions", "fit_seconds": 0.25, "score_seconds": None},
        ],
    }

"""The honest report: everything is fitted on the past and scored on what came later, beside strong simple rows."""

import datetime
import resource
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import penchant
from penchant.data.split import global_time, leave_last_out
from penchant.evaluation.cases import Cases, last_cases, window_cases
from penchant.evaluation.ranking import CaseResults, rank_cases
from penchant.evaluation.report import difference_name, write_report
from penchant.evaluation.significance import bootstrap_interval, paired_difference
from penchant.evaluation.slices import user_groups
from penchant.ranking.recommender import FusedRecommender
from penchant.records.errors import ConfigError, suggestion
from penchant.stages.config import Config
from penchant.stages.encode import Encoded
from penchant.stages.fitting import Choice, choose, fuse, make_tasks, refit, time_scale
from penchant.stages.task_rows import task_rows
from penchant.training.callbacks import Callback
from penchant.training.loop import Trained

PROTOCOLS = {
    "global-time": "The last tenth of all events, by time, is the test; the tenth before it chose the settings. "
    "A person's history is what they did before the window; all their new items in it count.",
    "leave-last-out": "Each person's last event is the test, the one before it chose the settings.",
}
OURS, ALONE, WITHOUT = "Penchant", "network alone", "without the network"


def evaluate_encoded(
    encoded: Encoded,
    config: Config,
    folder: Path,
    *,
    protocol: str = "global-time",
    k: int = 10,
    name: str = "run",
    callbacks: Sequence[Callback] = (),
) -> tuple[dict[str, Any], Choice]:
    """Fits, scores and writes `folder/metrics.json` and `report.html`; gives the metrics and what was chosen.

    Raises: ConfigError for an unknown protocol.
    """
    if protocol not in PROTOCOLS:
        raise ConfigError(f"Unknown protocol {protocol!r}. {suggestion(protocol, PROTOCOLS)}")
    began = time.perf_counter()
    events = encoded.events
    split = global_time(events) if protocol == "global-time" else leave_last_out(events)
    tasks = make_tasks(None, encoded)
    valid = make_cases(encoded, protocol, split.train, split.valid)
    choice, first = choose(events.take(split.train), events.take(split.valid), valid, encoded, tasks, config, callbacks)
    lonely = fuse(first.sources, None, valid, time_scale(events.take(split.train)))
    fitted = split.train | split.valid
    final = refit(events.take(fitted), encoded, tasks, config, choice, callbacks)
    results, seconds = _rank(final.recommender, lonely, make_cases(encoded, protocol, fitted, split.test), k)
    metrics = {
        "schema_version": 1,
        "run": _about(config, name),
        "data": {"num_users": len(encoded.users), "num_items": len(encoded.items), "num_events": len(events)},
        "protocol": {"name": protocol, "k": k, "num_cases": len(results[OURS]), "description": PROTOCOLS[protocol]},
        "ranking": [row for name, result in results.items() for row in _ranking_rows(name, result, k)],
        "coverage": [{"row": name, "value": float(result.coverage)} for name, result in results.items()],
        "differences": _differences(results, k),
        **task_rows(final.recommender, encoded, events.take(fitted), events.take(split.test)),
        "training": _training(choice.trained, final.trained, time.perf_counter() - began),
        "costs": _costs(final.fit_seconds, seconds),
    }
    write_report(metrics, folder)
    return metrics, choice


def make_cases(encoded: Encoded, protocol: str, fitted: np.ndarray, target: np.ndarray) -> Cases:
    """The questions of a protocol: what came under `target`, to somebody who knows what is under `fitted`."""
    make = window_cases if protocol == "global-time" else last_cases
    return make(
        encoded.events,
        history_mask=fitted,
        target_mask=target & encoded.events.speak_for_items,
        fitted_mask=fitted,
        num_users=len(encoded.users),
        num_items=len(encoded.items),
        text_vectors=encoded.text_vectors,
    )


def _rank(
    final: FusedRecommender, lonely: Any, cases: Cases, k: int
) -> tuple[dict[str, CaseResults], dict[str, float]]:
    """Every row on the same cases, and the seconds that it took."""
    num_items = cases.num_items
    rows: dict[str, Any] = {
        OURS: final.score,
        ALONE: lambda histories: final.network.score(histories)[:, :num_items],
        WITHOUT: lambda histories: lonely.score(histories, final.scores(histories)),
    }
    rows |= {name: source.score for name, source in final.sources.items()}
    results, seconds = {}, {}
    for name, score in rows.items():
        began = time.perf_counter()
        results[name] = rank_cases(score, cases, k)
        seconds[name] = time.perf_counter() - began
    return results, seconds


def _kind(name: str) -> str:
    return {OURS: "ours", ALONE: "network", WITHOUT: "ablation"}.get(name, "simple")


def _ranking_rows(name: str, result: CaseResults, k: int) -> list[dict[str, Any]]:
    groups = {group: result.select(rows) for group, rows in user_groups(result.cases).items() if rows.any()}
    cold = result.on_unknown_items
    if len(cold):
        groups["cold_items"] = cold
    rows = []
    for group, part in groups.items():
        for metric, values in (("ndcg", part.ndcg), ("recall", part.recall), ("mrr", part.mrr)):
            low, high = bootstrap_interval(values)
            row = {"row": name, "kind": _kind(name), "group": group, "metric": f"{metric}@{k}"}
            rows.append({**row, "value": float(values.mean()), "low": low, "high": high, "num_cases": len(part)})
    return rows


def _differences(results: dict[str, CaseResults], k: int) -> list[dict[str, Any]]:
    rows = []
    for name, result in results.items():
        if name != OURS:
            found = paired_difference(results[OURS].ndcg, result.ndcg)
            row = {"name": difference_name(OURS, name), "metric": f"ndcg@{k}", "group": "all"}
            rows.append({**row, "value": found.value, "low": found.low, "high": found.high})
    return rows


def _costs(fit_seconds: dict[str, float], score_seconds: dict[str, float]) -> list[dict[str, Any]]:
    """What each row cost; the fused ones paid for all that they are made of."""
    own = {**fit_seconds, ALONE: fit_seconds["network"], OURS: sum(fit_seconds.values())}
    own[WITHOUT] = own[OURS] - own[ALONE]
    return [{"row": name, "fit_seconds": own[name], "score_seconds": took} for name, took in score_seconds.items()]


def _training(chosen: Trained, final: Trained, seconds: float) -> dict[str, Any]:
    curves = [
        {"epoch": end.epoch + 1, "split": "train", "name": name, "value": float(value)}
        for end in chosen.curves
        for name, value in end.losses.items()
    ]
    curves += [
        {"epoch": end.epoch + 1, "split": "valid", "name": "ndcg@10", "value": float(end.score)}
        for end in chosen.curves
        if end.score is not None
    ]
    cpu = sum(end.cpu_seconds for end in chosen.curves + final.curves)
    positions = sum(end.num_positions for end in chosen.curves + final.curves)
    return {
        "curves": curves,
        "seconds": seconds,
        "positions_per_second": positions / max(cpu, 1e-9),
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "epochs": chosen.best_epoch,
    }


def _about(config: Config, name: str) -> dict[str, Any]:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    about = {"name": name, "created_at": now, "penchant_version": penchant.__version__}
    return {**about, "seed": config.training.seed, "size": config.size, "config": config.to_dict()}

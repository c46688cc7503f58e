"""The honest report: everything is fitted on the past and scored on what came later, beside strong simple rows."""

import datetime
import resource
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import penchant
from penchant.data.leaks import check, leaks_across
from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import CaseResults, Score, only, rank_cases
from penchant.evaluation.report import difference_name, write_report
from penchant.evaluation.schema import SCHEMA_VERSION
from penchant.evaluation.significance import bootstrap_interval, paired_difference
from penchant.evaluation.slices import FINE_GROUPS, sliced
from penchant.ranking.fuse import Fusion
from penchant.ranking.recommender import FusedRecommender
from penchant.stages.config import Config
from penchant.stages.encode import Encoded
from penchant.stages.fitting import Choice, choose, make_tasks, refit
from penchant.stages.fusing import fuse, time_scale
from penchant.stages.list_rows import check_lists, list_rows
from penchant.stages.protocols import check_asked, find_protocol, make_cases
from penchant.stages.task_rows import task_rows
from penchant.training.callbacks import Callback, EpochEnd
from penchant.training.learning import Trained

OURS, ALONE, WITHOUT = "Penchant", "network alone", "without the network"
WITHIN = (
    " In the groups of a domain a case seeks the relevant items of that domain; its items alone are ranked, from the "
    "person's whole history."
)


def evaluate_encoded(
    encoded: Encoded,
    config: Config,
    folder: Path,
    *,
    protocol: str = "global-time",
    k: int = 10,
    fold: int = 0,
    allow_leaks: bool = False,
    name: str = "run",
    tasks: Sequence[str] | None = None,
    callbacks: Sequence[Callback] = (),
    rerank: Sequence[str] = (),
    rules: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], Choice]:
    """Fits, scores and writes `folder/metrics.json` and `report.html`; gives the metrics and what was chosen.

    fold: which of the five, for the protocol k-fold. tasks: what is learned, default all that fit. rerank, rules: as for
    `Model.recommend`; what they cost and bring is in `lists`.
    Raises: ConfigError for an unknown protocol; DataError for one that leaves nobody to ask; LeakError for a split that gives
    answers away, unless allow_leaks: then the report says so.
    """
    chosen = find_protocol(protocol, fold)
    check_lists(encoded, rerank, rules or {})
    began = time.perf_counter()
    events = encoded.events
    split = chosen.split(encoded, fold, config.training.seed)
    has_clock = encoded.data.has_clock
    leaks = check(leaks_across(events, split, by_time=chosen.by_time, has_clock=has_clock), allow_leaks=allow_leaks)
    made = make_tasks(tasks, encoded, events.take(split.train))
    valid = make_cases(encoded, protocol, split.train, split.valid, split.told(split.train))
    check_asked(valid, protocol, "valid")
    choice, first = choose(events.take(split.train), events.take(split.valid), valid, encoded, made, config, callbacks)
    lonely = fuse(first.sources, None, choice.cases, time_scale(events.take(split.train)))
    fitted = split.before_test(events)
    final = refit(events.take(fitted), encoded, made, config, choice, callbacks)
    encoded = final.encoded
    asked = check_asked(make_cases(encoded, protocol, fitted, split.test, split.told(fitted)), protocol, "test")
    systems = _systems(final.recommender, lonely, asked.num_items)
    results, seconds = _rank(systems, asked, k)
    within = _within_domains(systems, asked, encoded, k)
    described = chosen.description + (WITHIN if within else "")
    met = np.bincount(events.item_rows[fitted & (events.item_rows >= 0)], minlength=asked.num_items)
    metrics = {
        "schema_version": SCHEMA_VERSION,
        "run": _about(config, name),
        "data": _data(encoded, leaks),
        "protocol": {"name": protocol, "k": k, "num_cases": len(results[OURS]), "description": described},
        "ranking": [row for name in systems for row in _ranking_rows(name, results[name], within, met, k)],
        "coverage": [{"row": name, "value": float(result.coverage)} for name, result in results.items()],
        "differences": [
            row for group, some in {"all": results, **within}.items() for row in _differences(some, group, k)
        ],
        "lists": list_rows(final.recommender, encoded, asked, k, rerank, rules or {}),
        **task_rows(final.recommender, final.tasks, encoded, events.take(split.told(fitted)), events.take(split.test)),
        "training": _training(choice.trained, final.trained, time.perf_counter() - began),
        "costs": _costs(final.fit_seconds, seconds),
    }
    write_report(metrics, folder)
    return metrics, choice


def _data(encoded: Encoded, leaks: list[dict[str, Any]]) -> dict[str, Any]:
    """What it was learned from; `allowed_leaks` are those that somebody went on in spite of."""
    sizes = {"num_users": len(encoded.users), "num_items": len(encoded.items), "num_events": len(encoded.events)}
    told = "; ".join(f"{leak['rule']} ({leak['num_rows']} rows)" for leak in leaks)
    return {**sizes, "encoder": encoded.reader.chosen.word, **({"allowed_leaks": told} if leaks else {})}


def _systems(final: FusedRecommender, lonely: Fusion, num_items: int) -> dict[str, Score]:
    """Every row, by its name."""
    rows: dict[str, Score] = {
        OURS: final.score,
        ALONE: lambda histories: final.network.score(histories)[:, :num_items],
        WITHOUT: lambda histories: lonely.score(histories, final.scores(histories)),
    }
    return rows | {name: source.score for name, source in final.sources.items()}


def _rank(systems: dict[str, Score], cases: Cases, k: int) -> tuple[dict[str, CaseResults], dict[str, float]]:
    """Every row on the same cases, and the seconds that it took."""
    results, seconds = {}, {}
    for name, score in systems.items():
        began = time.perf_counter()
        results[name] = rank_cases(score, cases, k)
        seconds[name] = time.perf_counter() - began
    return results, seconds


def _within_domains(
    systems: dict[str, Score], cases: Cases, encoded: Encoded, k: int
) -> dict[str, dict[str, CaseResults]]:
    """By group, every row on the cases that seek something of a domain, asked for its items alone; {} of a single domain."""
    found = {}
    for place, domain in enumerate(encoded.domain_names if len(encoded.domain_names) > 1 else []):
        inside = encoded.item_domains == place
        asked = cases.among(inside)
        if len(asked):
            group = f"domain:{domain}" if domain else "no_domain"
            found[group] = {name: rank_cases(only(score, inside), asked, k) for name, score in systems.items()}
    return found


def _kind(name: str) -> str:
    return {OURS: "ours", ALONE: "network", WITHOUT: "ablation"}.get(name, "simple")


def _ranking_rows(
    name: str, result: CaseResults, within: dict[str, dict[str, CaseResults]], met: np.ndarray, k: int
) -> list[dict[str, Any]]:
    """Of every group; of lengths of histories and numbers of events of items, NDCG alone. met: int (I,), events to learn from."""
    rows = []
    for group, part in {**dict(sliced(result, met)), **{group: some[name] for group, some in within.items()}}.items():
        metrics = (
            {"ndcg": part.ndcg} if group in FINE_GROUPS else {"ndcg": part.ndcg, "recall": part.recall, "mrr": part.mrr}
        )
        for metric, values in metrics.items():
            low, high = bootstrap_interval(values)
            row = {"row": name, "kind": _kind(name), "group": group, "metric": f"{metric}@{k}"}
            rows.append({**row, "value": float(values.mean()), "low": low, "high": high, "num_cases": len(part)})
    return rows


def _differences(results: dict[str, CaseResults], group: str, k: int) -> list[dict[str, Any]]:
    rows = []
    for name, result in results.items():
        if name != OURS:
            found = paired_difference(results[OURS].ndcg, result.ndcg)
            row = {"name": difference_name(OURS, name), "metric": f"ndcg@{k}", "group": group}
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
        {"epoch": end.epoch + 1, "split": "valid", "name": name, "value": float(value)}
        for end in chosen.curves
        for name, value in {**_named(end.scores), "objective": end.score}.items()
        if value is not None
    ]
    cpu = sum(end.cpu_seconds for end in chosen.curves + final.curves)
    positions = sum(end.num_positions for end in chosen.curves + final.curves)
    return {
        "curves": curves,
        "sharing": [record for end in chosen.curves for record in _sharing(end)],
        "seconds": seconds,
        "positions_per_second": positions / max(cpu, 1e-9),
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "epochs": chosen.best_epoch,
    }


def _sharing(end: EpochEnd) -> Iterator[dict[str, Any]]:
    """What the tasks of one network had to do with each other in an epoch."""
    kinds = {"cosine": end.cosines, "norm": end.norms, "weight": end.weights}
    for kind, values in kinds.items():
        for of, value in values.items():
            yield {"epoch": end.epoch + 1, "kind": kind, "of": of.replace("|", " and "), "value": float(value)}
    for loads in end.loads.values():
        for task, gates in loads.items():
            for expert, gate in enumerate(gates):
                yield {"epoch": end.epoch + 1, "kind": "load", "of": f"{task}, expert {expert}", "value": float(gate)}


def _named(scores: dict[str, float]) -> dict[str, float]:
    return {f"score of {name}": value for name, value in scores.items()}


def _about(config: Config, name: str) -> dict[str, Any]:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    about = {"name": name, "created_at": now, "penchant_version": penchant.__version__}
    return {**about, "seed": config.training.seed, "size": config.size, "config": config.to_dict()}

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from penchant.data.split import leave_last_out
from penchant.evaluation.slices import FINE_GROUPS
from penchant.records.data import Data
from penchant.records.errors import ConfigError, DataError, LeakError
from penchant.stages.compared_rows import Ground
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.evaluate import ALONE, OURS, WITHOUT, evaluate_encoded
from penchant.stages.protocols import PROTOCOLS, find_protocol, make_cases
from stages.books_and_films import books_and_films


@pytest.fixture(scope="module")
def encoded(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Encoded:
    patch = pytest.MonkeyPatch()
    patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
    return encode(shop, "hashing")


@pytest.mark.parametrize("protocol", ["global-time", "leave-last-out", "k-fold"])
def test_the_report_has_every_row(encoded: Encoded, tmp_path: Path, protocol: str) -> None:
    config = resolve_config("tiny", 0, epochs=3, embedding_size=32, num_positions=256)
    metrics, choice = evaluate_encoded(encoded, config, tmp_path, protocol=protocol)
    rows = {row["row"] for row in metrics["ranking"]}
    assert {
        OURS,
        ALONE,
        WITHOUT,
        "popularity",
        "recent popularity",
        "item-kNN",
        "EASE",
        "transitions",
        "text-kNN",
        "fresh",
    } <= rows
    assert metrics["protocol"]["name"] == protocol
    assert 1 <= choice.epochs <= 3
    assert not any("domain" in row["group"] for row in metrics["ranking"])
    groups = {row["group"]: row["metric"] for row in metrics["ranking"]}
    assert {"known_items", "history_6-20", "items_6-20"} <= groups.keys()
    assert {metric for group, metric in groups.items() if group in FINE_GROUPS} == {"ndcg@10"}
    told = {(row["task"], row["row"], row["metric"]) for row in metrics["tasks"]}
    assert {("rating", "bias model", "rmse"), ("like", "network", "auc"), ("tags", "constant", "log_loss")} <= told
    costs = {row["row"]: row["fit_seconds"] for row in metrics["costs"]}
    assert costs[OURS] == pytest.approx(costs[ALONE] + costs[WITHOUT])
    assert costs[ALONE] > costs["popularity"] > 0
    shared = {(record["kind"], record["of"]) for record in metrics["training"]["sharing"]}
    assert {
        ("cosine", "next_item and rating"),
        ("norm", "tags"),
        ("weight", "like"),
        ("load", "like, expert 0"),
    } <= shared
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_each_domain_has_rows_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a domain only its items stand in the way: ranks can but rise."""
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path))
    both = encode(books_and_films(), "hashing")
    config = resolve_config("tiny", 0, epochs=2, embedding_size=16, num_positions=256)
    metrics, _ = evaluate_encoded(both, config, tmp_path, protocol="leave-last-out")
    mrr = {(row["group"], row["row"]): row["value"] for row in metrics["ranking"] if row["metric"] == "mrr@10"}
    assert {group for group, _ in mrr if "domain" in group} == {"domain:film"}  # everybody ended with a film
    rows = [row for group, row in mrr if group == "all"]
    assert all(mrr["domain:film", row] >= mrr["all", row] for row in rows)
    assert mrr["domain:film", "popularity"] > mrr["all", "popularity"]
    assert {row["group"] for row in metrics["differences"]} == {"all", "domain:film"}
    assert "its items alone are ranked" in metrics["protocol"]["description"]
    assert "domain:film" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_strangers_of_a_fold_are_fitted_on_by_nobody(encoded: Encoded) -> None:
    events, told = encoded.events, set[int]()
    for fold in range(5):
        split = PROTOCOLS["k-fold"].split(encoded, fold, 0)
        fitted = split.before_test(events)
        cases = make_cases(encoded, "k-fold", fitted, split.test, split.told(fitted))
        assert not set(cases.user_rows) & set(events.user_rows[fitted])
        assert (cases.histories.lengths > 0).all()
        told |= set(cases.user_rows.tolist())
    assert len(told) == len(encoded.users)


def test_the_split_of_the_source_is_used_as_it_is(shop: Data, encoded: Encoded) -> None:
    parts = np.where(np.arange(len(encoded.events)) % 3, "train", "test")
    own = replace(encoded, parts=parts)
    split = PROTOCOLS["column"].split(own, 0, 0)
    assert (split.test == (parts == "test")).all()
    with pytest.raises(ConfigError, match="needs events with a column `split`"):
        PROTOCOLS["column"].split(encoded, 0, 0)


def test_a_split_that_gives_answers_away_is_refused_or_told_of(encoded: Encoded, tmp_path: Path) -> None:
    """Everybody's last event is the test, and so are copies of five events that are in training too."""
    split = leave_last_out(encoded.events)
    own = np.where(split.test, "test", np.where(split.valid, "valid", "train"))
    copied = np.flatnonzero(split.train)[:5]
    leaky = replace(
        encoded,
        events=encoded.events.take(np.concatenate([copied, np.arange(len(own))])),
        parts=np.concatenate([["test"] * len(copied), own]),
    )
    config = resolve_config("tiny", 0, epochs=1, embedding_size=32, num_positions=256)
    with pytest.raises(LeakError, match="the same event is in training and in the test"):
        evaluate_encoded(leaky, config, tmp_path, protocol="column")
    metrics, _ = evaluate_encoded(leaky, config, tmp_path, protocol="column", allow_leaks=True)
    assert metrics["data"]["allowed_leaks"] == "the same event is in training and in the test (5 rows)"
    assert "allowed leaks" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_only_k_fold_has_folds() -> None:
    with pytest.raises(ConfigError, match="has folds"):
        find_protocol("global-time", fold=2)


def test_a_protocol_that_leaves_nobody_to_ask_is_refused(shop: Data, tmp_path: Path) -> None:
    """Everybody met two items, and was shown a third."""
    first = shop.events.group_by("user_id", maintain_order=True).head(2)
    shown = shop.events.group_by("user_id", maintain_order=True).tail(1).with_columns(kind=pl.lit("impression"))
    watched = encode(replace(shop, events=pl.concat([first, shown])), "hashing")
    config = resolve_config("tiny", 0, epochs=1, embedding_size=16, num_positions=256)
    with pytest.raises(DataError, match=r"'leave-last-out' leaves nobody to ask in valid.*Choose another"):
        evaluate_encoded(watched, config, tmp_path, protocol="leave-last-out")
    with pytest.raises(DataError, match="leaves nobody to ask in valid"):
        Ground.of(watched, "leave-last-out", 10)


def test_an_unknown_protocol_is_refused(encoded: Encoded, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'global-time'"):
        evaluate_encoded(encoded, resolve_config("tiny", 0), tmp_path, protocol="globaltime")

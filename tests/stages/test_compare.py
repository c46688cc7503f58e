"""Comparisons of rows on a small shop, and on real films against an evaluator that we did not write."""

import importlib.util
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from penchant.assets.resolve import resolve
from penchant.data.sources.movielens import read_movielens_100k
from penchant.evaluation.compare_report import comparison_lines
from penchant.evaluation.row_card import Card
from penchant.evaluation.top_lists import TopLists
from penchant.records.data import Data
from penchant.records.errors import ConfigError, DataError
from penchant.records.vocabulary import Vocabulary
from penchant.stages.compare import compare
from penchant.stages.prepare import write_data

HERE: dict[str, Any] = {"protocol": "leave-last-out", "encoder": "hashing", "size": "tiny"}
FEW = ["popularity", "transitions"]


@pytest.fixture(scope="module")
def run(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "shop"
    write_data(folder, shop)
    return folder


def values(found: dict[str, Any]) -> dict[str, float]:
    return {row["row"]: row["ndcg"]["value"] for row in found["rows"]}


def test_rows_are_held_against_the_simple_one_that_is_best_on_valid(run: Path) -> None:
    found = compare(run, rows=FEW, **HERE)
    assert (run / "report" / "compare" / "leave-last-out" / "compare.html").exists()
    assert [row["row"] for row in found["rows"]] == ["transitions", "popularity"]  # people walk along a ring
    assert found["protocol"]["reference"] == "transitions"
    (told,) = found["differences"]
    assert (told["row"], told["verdict"]) == ("popularity", "below")
    assert told["value"] == pytest.approx(values(found)["popularity"] - values(found)["transitions"])
    first, second = comparison_lines(found)[1:]
    assert first.startswith("transitions")
    assert second.endswith("below")


def test_another_reference_and_length(run: Path, tmp_path: Path) -> None:
    found = compare(run, tmp_path, rows=FEW, reference="Popularity", k=3, **HERE)
    assert found["protocol"]["reference"] == "popularity"
    assert found["differences"][0]["verdict"] == "above"
    assert TopLists.read(tmp_path / "lists" / "transitions@0.npz").item_ids.shape[1] == found["protocol"]["k"] == 3
    with pytest.raises(ConfigError, match=r"'popularit' is none of the rows. Did you mean 'popularity'"):
        compare(run, tmp_path, rows=FEW, reference="popularit", k=3, **HERE)


def test_rows_are_added_later_and_nothing_is_computed_twice(run: Path, tmp_path: Path) -> None:
    before = compare(run, tmp_path, rows=FEW, **HERE)
    written = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "lists").iterdir()}
    after = compare(run, tmp_path, rows=["penchant", "transitions"], seeds=[0, 1], epochs=1, **HERE)
    assert {name: (tmp_path / "lists" / name).stat().st_mtime_ns for name in written} == written
    assert set(values(after)) == {*FEW, "penchant", "network-alone"}
    assert {name: values(after)[name] for name in FEW} == values(before)
    ours = next(row for row in after["rows"] if row["row"] == "network-alone")
    assert ours["seeds"] == [0, 1]
    assert len(set(ours["by_seed"])) == 2

    place = tmp_path / "lists" / "penchant@0.npz"
    old = place.stat().st_mtime_ns
    compare(run, tmp_path, rows=["penchant"], seeds=[0], epochs=1, **HERE)
    assert place.stat().st_mtime_ns == old
    with pytest.raises(ConfigError, match=r"same settings for all seeds, but penchant@1.npz has others"):
        compare(run, tmp_path, rows=["penchant"], seeds=[0], epochs=2, **HERE)
    assert place.stat().st_mtime_ns == old
    compare(run, tmp_path, rows=["penchant"], seeds=[0, 1], epochs=2, **HERE)
    assert place.stat().st_mtime_ns > old


def test_a_folder_holds_one_split(run: Path, tmp_path: Path) -> None:
    compare(run, tmp_path, rows=FEW, **HERE)
    with pytest.raises(ConfigError, match="lists of another split, protocol or length"):
        compare(run, tmp_path, rows=FEW, k=5, **HERE)


def test_a_peer_that_answers_the_export_gets_what_the_same_lists_get_as_ours(run: Path, tmp_path: Path) -> None:
    assert compare(run, export=tmp_path / "split", **HERE) == {}
    cases = pl.read_parquet(tmp_path / "split" / "cases.parquet")
    train = pl.concat([pl.read_parquet(tmp_path / "split" / f"{part}.parquet") for part in ("train", "valid")])
    popular = train.group_by("item_id").len().sort("len", "item_id", descending=[True, False])["item_id"].to_list()
    lists = [[item for item in popular if item not in history][:10] for history in cases["history"]]
    (tmp_path / "theirs").mkdir()
    TopLists(name="x", user_ids=cases["user_id"].to_list(), item_ids=np.array(lists)).write(
        tmp_path / "theirs" / "x.npz"
    )
    Card(row="Their counts", fit_seconds=2.0).write(tmp_path / "theirs" / "x.npz")

    found = compare(run, tmp_path / "out", rows=FEW, peers=[tmp_path / "theirs"], **HERE)
    theirs = next(row for row in found["rows"] if row["row"] == "Their counts")
    assert (theirs["kind"], theirs["fit_seconds"], theirs["peak_mib"]) == ("peer", 2.0, None)
    assert theirs["coverage"] > 0
    assert (tmp_path / "out" / "lists" / "Their-counts@0.npz").exists()

    copied = compare(run, tmp_path / "again", rows=FEW, peers=[renamed(tmp_path / "out", tmp_path / "copy")], **HERE)
    assert values(copied)["copy of popularity"] == values(copied)["popularity"]
    Card(row="copy-of-popularity").write(tmp_path / "copy" / "a.npz")
    with pytest.raises(ConfigError, match=r"'copy-of-popularity' and 'copy of popularity' would be one file"):
        compare(run, tmp_path / "again", rows=FEW, peers=[tmp_path / "copy"], **HERE)


def renamed(out: Path, folder: Path) -> Path:
    """The lists of the row popularity as somebody else's."""
    folder.mkdir()
    TopLists.read(out / "lists" / "popularity@0.npz").write(folder / "a.npz")
    Card(row="copy of popularity").write(folder / "a.npz")
    return folder


def test_what_cannot_be_compared_is_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Unknown row 'trans'"):
        compare(run, tmp_path, rows=["trans"], **HERE)
    with pytest.raises(ConfigError, match=r"Seeds differ.*found \[1, 1\]"):
        compare(run, tmp_path, rows=FEW, seeds=[1, 1], **HERE)
    with pytest.raises(DataError, match="There are no top lists"):
        compare(run, tmp_path, rows=FEW, peers=[tmp_path], **HERE)
    with pytest.raises(ConfigError, match="best on valid, found none among fusion-without-network"):
        compare(run, tmp_path / "unsimple", rows=["fusion-without-network"], **HERE)
    lists = TopLists(name="x", user_ids=["u1"], item_ids=np.array([["i1", "i1"]]))
    lists.write(tmp_path / "EASE.npz")
    with pytest.raises(ConfigError, match="'EASE' is a row of ours"):
        compare(run, tmp_path / "no", rows=FEW, peers=[tmp_path / "EASE.npz"], **HERE)
    lists.write(tmp_path / "theirs.npz")
    with pytest.raises(DataError, match="holds an item once"):
        compare(run, tmp_path / "no", rows=FEW, peers=[tmp_path / "theirs.npz"], **HERE)


@pytest.mark.network
@pytest.mark.skipif("PENCHANT_YARDSTICK" not in os.environ, reason="$PENCHANT_YARDSTICK names no folder of splits")
@pytest.mark.parametrize(("protocol", "name"), [("leave-last-out", "ml-100k_P1"), ("global-time", "ml-100k_P2")])
def test_another_evaluator_finds_the_same_figures(protocol: str, name: str, tmp_path: Path) -> None:
    folder = Path(os.environ["PENCHANT_YARDSTICK"])
    spec = importlib.util.spec_from_file_location("yardstick", folder / "evaluate.py")
    assert spec is not None
    assert spec.loader is not None
    yardstick = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(yardstick)
    write_data(tmp_path / "run", read_movielens_100k(resolve("ml-100k").path))
    found = compare(tmp_path / "run", tmp_path, rows=FEW, protocol=protocol, encoder="hashing")
    assert json.loads((tmp_path / "compare.json").read_text("utf-8")) == found

    users, items = (
        Vocabulary(pl.read_csv(folder / "splits" / f"ml-100k_{kind}s.csv", infer_schema=False)[kind])
        for kind in ("user", "item")
    )
    truth = yardstick.load_split(folder / "splits" / f"{name}.npz")
    for row in found["rows"]:
        lists = TopLists.read(tmp_path / "lists" / f"{row['row']}@0.npz")
        rows = items.rows(lists.item_ids.ravel().tolist()).reshape(lists.item_ids.shape)
        theirs = yardstick.evaluate_topk(truth, "test", users.rows(lists.user_ids), rows)["all"]
        assert theirs["n"] == found["protocol"]["num_cases"]
        for metric in ("ndcg", "recall", "mrr"):
            assert theirs[f"{metric}@10"] == pytest.approx(row[metric]["value"], abs=1e-9)
        assert theirs["coverage@10"] == pytest.approx(row["coverage"], abs=1e-9)

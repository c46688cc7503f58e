import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from penchant.data.read import read
from penchant.evaluation.ranking import rank_cases
from penchant.evaluation.significance import Difference, paired_difference
from penchant.records.data import Data
from penchant.stages.candidates import choose_sources, fit_sources, settings_of
from penchant.stages.encode import Encoded, encode
from penchant.stages.fusing import fuse, some_cases, time_scale
from penchant.stages.protocols import find_protocol, make_cases


@pytest.fixture(scope="module")
def encoded(shop: Data) -> Encoded:
    return encode(shop, "hashing")


def test_a_pool_teaches_the_weights_that_the_whole_catalogue_teaches(encoded: Encoded) -> None:
    split = find_protocol("leave-last-out").split(encoded, 0, 0)
    past = encoded.events.take(split.train)
    cases = make_cases(encoded, "leave-last-out", split.train, split.valid)
    sources = fit_sources(past, encoded)
    whole, pooled, tiny = (fuse(sources, None, cases, time_scale(past), width=width) for width in (40, 30, 2))
    # A few sources foresee this shop nearly always: how far their weights rise is chance, their shares are not.
    ours, theirs = (some.source_weights(cases.histories).mean(axis=0) for some in (pooled, whole))
    np.testing.assert_allclose(ours / ours.sum(), theirs / theirs.sum(), atol=0.05)
    assert not np.array_equal(pooled.weights, whole.weights)
    assert tiny.weights.shape == whole.weights.shape


def over_best_source(encoded: Encoded, protocol: str) -> Difference:
    """The fusion on the test, chosen on valid and fitted anew, against whichever of its sources is best there."""
    events, split = encoded.events, find_protocol(protocol).split(encoded, 0, 0)
    past, fitted = events.take(split.train), split.before_test(events)
    valid = make_cases(encoded, protocol, split.train, split.valid, split.told(split.train))
    asked = make_cases(encoded, protocol, fitted, split.test, split.told(fitted))
    early = choose_sources(past, encoded, valid)
    late = fit_sources(events.take(fitted), encoded, settings_of(early))
    fusion = fuse(early, None, valid, time_scale(past))
    fused = rank_cases(lambda some: fusion.score(some, {name: late[name].score(some) for name in late}), asked).ndcg
    alone = [rank_cases(source.score, asked).ndcg for source in late.values()]
    return paired_difference(fused, max(alone, key=np.mean))


def test_a_fusion_is_not_below_its_best_source(encoded: Encoded) -> None:
    assert over_best_source(encoded, "leave-last-out").high >= 0


@pytest.mark.skipif("PENCHANT_DATA" not in os.environ, reason="$PENCHANT_DATA names no folder of data sets")
@pytest.mark.parametrize(
    ("name", "protocol", "least"),
    [
        ("movielens_100k", "global-time", 0.01),
        ("movielens_100k", "leave-last-out", -0.01),
        ("steam_reviews", "global-time", -0.004),
    ],
)
def test_a_fusion_is_not_below_its_best_source_on_real_data(name: str, protocol: str, least: float) -> None:
    folder = Path(os.environ["PENCHANT_DATA"]) / name
    events = pl.read_parquet(folder / "interactions.parquet")
    items = pl.read_parquet(folder / "items.parquet").filter(
        pl.col("item_id").is_in(events["item_id"].unique().to_list())
    )
    events = events.select(column for column in events.columns if column != "review_text")
    found = over_best_source(encode(read(events, items=items), "hashing"), protocol)
    assert found.high >= 0
    assert found.value > least


def test_a_source_can_be_left_out(encoded: Encoded) -> None:
    split = find_protocol("leave-last-out").split(encoded, 0, 0)
    cases = make_cases(encoded, "leave-last-out", split.train, split.valid)
    sources = fit_sources(encoded.events.take(split.train), encoded)
    assert "EASE" not in fuse(sources, None, cases, 1.0, leave_out="EASE").names


def test_histories_are_old_after_a_share_of_the_time(encoded: Encoded) -> None:
    some = replace(encoded.events, timestamps=np.arange(len(encoded.events)))
    assert time_scale(some) == pytest.approx(0.02 * (len(some) - 1))
    assert time_scale(replace(some, timestamps=np.zeros(len(some), np.int64))) == 1


def test_of_many_cases_some_are_drawn_in_their_order(encoded: Encoded) -> None:
    split = find_protocol("leave-last-out").split(encoded, 0, 0)
    cases = make_cases(encoded, "leave-last-out", split.train, split.valid)
    drawn = some_cases(cases, 10, np.random.default_rng(0))
    assert len(drawn) == 10
    assert (np.diff(drawn.user_rows) > 0).all()
    assert some_cases(cases, len(cases), np.random.default_rng(0)) is cases

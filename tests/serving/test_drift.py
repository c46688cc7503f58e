"""The index against closed forms, and streams that shift or don't."""

import math

import numpy as np
import pytest

import penchant as pn
from penchant.records.data import Data
from penchant.records.words import KINDS
from penchant.serving.drift import FEWEST, NUM_BINS, WINDOW, Drift, Reference, binned, by_kind, codes, psi
from penchant.stages.model import Model


@pytest.fixture(scope="module")
def model(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Model:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
        fitted = pn.fit(shop, size="tiny", encoder="hashing", epochs=1, num_positions=256)
    fitted.frame = "records"
    return fitted


def test_the_index_in_closed_form() -> None:
    """Half a case joins each bin: 3/4 and 1/4 against 1/4 and 3/4."""
    assert psi(np.array([2.5, 0.5]), np.array([0.5, 2.5])) == pytest.approx(math.log(3))


def test_it_is_symmetric_and_never_negative() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        one, other = rng.integers(0, 99, (2, NUM_BINS))
        assert psi(one, other) == pytest.approx(psi(other, one))
        assert psi(one, other) >= 0


def test_the_reference_fills_its_bins_evenly(model: Model) -> None:
    found = Reference.of(model)
    assert found.scores.sum() == 10 * len(model.user_ids)
    assert found.scores.max() - found.scores.min() <= 2
    assert found.kinds[KINDS.index("rate")] == len(model.events)


def test_scores_as_before_do_not_drift_and_others_do(model: Model) -> None:
    same, other = Drift(), Drift()
    for person in model.user_ids[:40]:
        scores = [row["score"] for row in model.recommend(person, k=10)]
        same.answered(scores)
        other.answered([score - 1 for score in scores])
    for drift in (same, other):
        assert drift.told() == {}
        drift.look_at("a model", model)
    assert same.told()["score"] < 0.1
    assert other.told()["score"] > 0.25


def test_kinds_as_before_do_not_drift_and_others_do(model: Model) -> None:
    drift = Drift()
    drift.look_at("a model", model)
    drift.happened(codes(["rate"] * (FEWEST - 1)))
    assert drift.told() == {}
    drift.happened(codes(["rate"]))
    assert drift.told()["kind"] < 0.1
    drift.happened(codes(["click"] * FEWEST))
    assert drift.told()["kind"] > 0.25


def test_another_model_begins_anew(model: Model) -> None:
    drift = Drift()
    drift.happened(codes(["click"] * FEWEST))
    assert not drift.look_at("one", model)
    assert "kind" in drift.told()
    assert drift.look_at("another", model)
    assert drift.told() == {}


def test_only_the_newest_values_and_the_first_places_count(model: Model) -> None:
    drift = Drift()
    drift.look_at("a model", model)
    drift.happened(codes(["click"] * FEWEST))
    drift.happened(codes(["rate"] * WINDOW))
    assert drift.told()["kind"] < 0.1
    for _ in range(FEWEST // 10 - 1):
        drift.answered([0.0] * 100)
    assert "score" not in drift.told()


def test_words_that_somebody_made_up_are_other() -> None:
    assert codes(["view", "petted", None]) == [KINDS.index("view"), 0, 0]
    assert by_kind([0, 0, 1])[:3].tolist() == [2, 1, 0]
    assert binned(np.array([0.0, 5.5, 9.5]), np.arange(1, NUM_BINS)).tolist() == [1, 0, 0, 0, 0, 1, 0, 0, 0, 1]

from dataclasses import replace

import numpy as np
import pytest

from penchant.records.data import Data
from penchant.stages.candidates import fit_sources
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
    expected = whole.source_weights(cases.histories).mean(axis=0)
    np.testing.assert_allclose(pooled.source_weights(cases.histories).mean(axis=0), expected, atol=0.1 * expected.max())
    assert not np.array_equal(pooled.weights, whole.weights)
    assert tiny.weights.shape == whole.weights.shape


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

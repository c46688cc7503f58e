import logging
from dataclasses import replace

import numpy as np
import pytest

from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import rank_cases
from penchant.records.data import Data
from penchant.records.events import Events
from penchant.retrieval.sources.ease import EASE
from penchant.retrieval.sources.transitions import Transitions
from penchant.stages import candidates
from penchant.stages.candidates import choose_sources, fit_sources, settings_of
from penchant.stages.config import SOURCES
from penchant.stages.encode import Encoded, encode
from penchant.stages.protocols import find_protocol, make_cases


@pytest.fixture(scope="module")
def encoded(shop: Data) -> Encoded:
    return encode(shop, "hashing")


@pytest.fixture(scope="module")
def past(encoded: Encoded) -> Events:
    return encoded.events.take(find_protocol("leave-last-out").split(encoded, 0, 0).train)


@pytest.fixture(scope="module")
def later(encoded: Encoded) -> Cases:
    split = find_protocol("leave-last-out").split(encoded, 0, 0)
    return make_cases(encoded, "leave-last-out", split.train, split.valid)


def test_no_chosen_setting_answers_later_cases_worse_than_the_default(
    encoded: Encoded, past: Events, later: Cases
) -> None:
    default, chosen = fit_sources(past, encoded), choose_sources(past, encoded, later)
    assert settings_of(default) != settings_of(chosen)
    for name, source in chosen.items():
        assert rank_cases(source.score, later).ndcg.mean() >= rank_cases(default[name].score, later).ndcg.mean()


def test_chosen_settings_are_fitted_anew(encoded: Encoded, past: Events, later: Cases) -> None:
    chosen = choose_sources(past, encoded, later)
    seconds: dict[str, float] = {}
    again = fit_sources(encoded.events, encoded, settings_of(chosen), seconds)
    assert settings_of(again) == settings_of(chosen)
    assert seconds.keys() == SOURCES.keys() - {"media-kNN"}


def test_within_noise_the_default_stays(
    encoded: Encoded, past: Events, later: Cases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "STANDARD_ERRORS", 99.0)
    assert settings_of(choose_sources(past, encoded, later)) == settings_of(fit_sources(past, encoded))


def test_where_fits_are_dear_only_scoring_is_chosen(
    encoded: Encoded, past: Events, later: Cases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "SOURCES", {"transitions": Transitions})
    entries = [{"backward": 0.5, "decay": 1.0}, {"backward": 0.0, "decay": 1.0}, {"backward": 0.5, "decay": 0.3}]
    monkeypatch.setattr(Transitions, "GRID", entries)
    fits, fit = [], Transitions.fit

    def counted(*given: object, **settings: float) -> Transitions:
        fits.append(settings)
        return fit(*given, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(Transitions, "fit", counted)
    choose_sources(past, encoded, later)
    assert fits == [{"backward": 0.5}, {"backward": 0.0}]  # the third entry looks again at what the first has learned
    fits.clear()
    monkeypatch.setattr(candidates, "MANY_EVENTS", len(past) // 2)
    choose_sources(past, encoded, later)
    assert fits == [{"backward": 0.5}]


def test_above_its_size_ease_is_left_out_and_said_so(
    encoded: Encoded, past: Events, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert isinstance(fit_sources(past, encoded)["EASE"], EASE)
    monkeypatch.setattr(candidates, "MAX_EASE_ITEMS", 39)
    with caplog.at_level(logging.INFO):
        assert "EASE" not in fit_sources(past, encoded)
    assert "40 items are too many for EASE (39): item-kNN stands alone." in caplog.text


def test_what_is_not_believed_is_not_counted(encoded: Encoded, past: Events) -> None:
    doubted = replace(past, weights=np.full(len(past), 1e-9, np.float32))
    assert not fit_sources(doubted, encoded)["popularity"].arrays["counts"].any()

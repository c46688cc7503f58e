"""What is said on stderr while texts are encoded."""

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from penchant.stages.console import MANY_TEXTS, ShowEncoding, ShowTraining, make_progress
from penchant.text.encoders.hashing import HashingEncoder
from penchant.training.callbacks import EpochEnd
from penchant.vectors.encode import encode_all, store_for


class Steady(HashingEncoder):
    """2,000 texts a second, and a second of loading before the first: a pace that is known."""

    loaded = False

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        time.sleep(len(texts) / 2000 + (not self.loaded))
        self.loaded = True
        return super().encode(texts)


def test_many_new_texts_are_told_of_with_their_minutes_and_few_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    encoder = Steady()
    store = store_for(tmp_path, encoder)
    with make_progress() as progress:
        show = ShowEncoding(progress)
        encode_all([f"item {number}" for number in range(400)], encoder, store, batch=100, on_progress=show)
        assert capsys.readouterr().err == ""
        texts = [f"item {number}" for number in range(400 + MANY_TEXTS + 1)]
        encode_all(texts, encoder, store, batch=200, on_progress=show)
    told = capsys.readouterr().err
    found = re.fullmatch(
        r"encode: 2,001 of 2,401 texts are new to the cache; at ([\d,]+) a second they take ([\d.]+) minutes\n", told
    )
    assert found is not None, told
    pace = float(found[1].replace(",", ""))
    assert 1000 < pace <= 2000, "the second of loading is not in it"
    assert float(found[2]) == pytest.approx(2001 / pace / 60, rel=0.05)


def test_gates_that_stopped_sharing_are_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    end = EpochEnd(epoch=0, num_epochs=2, losses={}, score=None, num_positions=1, cpu_seconds=1.0)
    with make_progress() as progress:
        show = ShowTraining(progress, "train")
        show.on_epoch(replace(end, loads={"pair": {"rating": [0.5, 0.5], "like": [0.4, 0.6]}}))
        assert capsys.readouterr().err == "train: epoch 1 of 2\n"
        show.on_epoch(replace(end, loads={"pair": {"rating": [0.5, 0.5], "like": [0.01, 0.99]}}))
    told = "train: epoch 1 of 2\ntrain: The gate of like is stuck: it gives 99.0% to expert 1.\n"
    assert capsys.readouterr().err == told

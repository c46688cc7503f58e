"""A version beside the one in charge."""

from pathlib import Path

import pytest

from penchant.records.errors import ArtifactError, ConflictError
from penchant.serving.beside import FILE, Beside
from penchant.serving.live import Live
from penchant.serving.traffic import Experiment
from penchant.stages.model import Model

FOUND = Experiment(name="a", kind="ab", control=1, challenger=2, share=0.5, salt="0a" * 16, since=0)


def test_it_is_kept_until_it_is_stopped(small_model: Model, tmp_path: Path) -> None:
    beside, live = Beside(tmp_path), Live(small_model, number=2)
    assert (beside.saved, beside.live_for("u1")) == (None, None)
    beside.check_free()
    beside.start(FOUND, live)
    assert Beside(tmp_path).saved == FOUND
    assert {beside.live_for(f"u{n}") for n in range(40)} == {live, None}
    with pytest.raises(ConflictError, match="'a' is running"):
        beside.check_free()
    (tmp_path / FILE).write_text("{}", "utf-8")
    with pytest.raises(ArtifactError):
        _ = Beside(tmp_path).saved
    beside.stop()
    assert (Beside(tmp_path).saved, beside.experiment) == (None, None)


def test_lists_are_compared_with_what_it_would_have_said(small_model: Model) -> None:
    beside = Beside(None)
    beside.start(FOUND, Live(small_model, number=2))
    beside.compare(["i1", "i2"], lambda _: [{"item_id": "i2"}, {"item_id": "i3"}])
    results = beside.results(lambda since: [], (1.0, 5.0))
    assert results is not None
    assert results["agreement"]["overlap"] == 1 / 2

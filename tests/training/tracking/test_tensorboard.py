import sys
from pathlib import Path

import pytest

from penchant.records.errors import MissingExtraError
from penchant.training.tracking.tensorboard import TensorBoard
from training.ring import learn_ring


def read_back(folder: Path) -> dict[str, list[tuple[int, float]]]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder))
    found.Reload()
    return {name: [(one.step, one.value) for one in found.Scalars(name)] for name in found.Tags()["scalars"]}


def test_the_event_file_has_the_curves(tmp_path: Path) -> None:
    scores = {"next_item": 0.5, "rating": 0.25}
    options = {"epochs": 3, "cosine_every": 1, "validate": lambda _: scores, "objective": {"rating": 2.0}}
    _, result = learn_ring(callbacks=[TensorBoard(tmp_path)], **options)
    told = read_back(tmp_path / "train")
    expected = [(end.epoch + 1, pytest.approx(end.losses["rating"])) for end in result.curves]
    assert told["loss/rating"] == expected
    assert told["score/next_item"] == [(epoch, 0.5) for epoch in (1, 2, 3)]
    assert told["objective"] == [(epoch, 2 * 0.25) for epoch in (1, 2, 3)]
    assert told["weight/rating"] == [(epoch, pytest.approx(0.3)) for epoch in (1, 2, 3)]
    assert told["cosine/next_item and rating"][0] == (1, pytest.approx(result.curves[0].cosines["next_item|rating"]))
    assert told["load/rating expert 0"][0][1] == pytest.approx(result.curves[0].loads["pair"]["rating"][0])


def test_a_training_that_goes_on_tells_every_epoch_once(tmp_path: Path) -> None:
    def fail_in_the_third(_: object) -> dict[str, float]:
        calls.append(0)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return {"next_item": 1.0, "rating": 0.0}

    calls: list[int] = []
    for _ in range(2):
        try:
            learn_ring(tmp_path / "own", [TensorBoard(tmp_path)], epochs=4, validate=fail_in_the_third)
        except KeyboardInterrupt:
            continue
    assert [step for step, _ in read_back(tmp_path / "train")["loss/rating"]] == [1, 2, 3, 4]


def test_without_the_library_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(MissingExtraError, match=r"needs `tensorboard`.*penchant\[track\]"):
        TensorBoard(tmp_path)

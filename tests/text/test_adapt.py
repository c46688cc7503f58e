import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from penchant.records.errors import ConfigError, DataError, MissingExtraError
from penchant.text.adapt import Adaptation, Pair, adapt, contrastive_loss, next_pairs, review_pairs, together_pairs
from penchant.text.encoders.folder import open_encoder
from penchant.text.encoders.transformer import TransformerEncoder
from text.tiny_models import tiny_bert

pytest.importorskip("peft", reason="LoRA is trained by peft, which is in [nlp]")

WORDS = ["soup", "spoon", "guitar", "song", "tent", "boot", "a", "nice"]
PAIRS: list[Pair] = [("soup", "spoon"), ("guitar", "song"), ("tent", "boot"), ("a soup", "nice spoon")] * 8
QUICK = Adaptation(rank=4, learning_rate=3e-2, epochs=12, batch=8, max_tokens=8)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Which of its words go together it can only learn from pairs."""
    return tiny_bert(tmp_path_factory.mktemp("tiny"), WORDS, layers=1, positions=16)


def agreement(path: Path) -> float:
    """How much nearer partners are than others."""
    left, right = (
        TransformerEncoder(path, "x", max_tokens=8).encode([pair[side] for pair in PAIRS[:3]]) for side in (0, 1)
    )
    cosines = left @ right.T
    return float(np.diag(cosines).mean() - cosines[~np.eye(3, dtype=bool)].mean())


@pytest.mark.parametrize("settings", [QUICK, Adaptation(rank=0, learning_rate=3e-3, epochs=8, batch=8, max_tokens=8)])
def test_partners_come_nearer(tiny: Path, tmp_path: Path, settings: Adaptation) -> None:
    adapted, losses = adapt(tiny, PAIRS, tmp_path, settings)
    assert np.mean(losses[-4:]) < 0.7 * np.mean(losses[:4])
    assert agreement(adapted) > agreement(tiny) + 0.3


def test_the_result_is_a_model_of_its_own_named_by_its_content(tiny: Path, tmp_path: Path) -> None:
    adapted, _ = adapt(tiny, PAIRS, tmp_path / "models", QUICK)
    assert adapted.parent == tmp_path / "models"
    assert list(adapted.parent.iterdir()) == [adapted]
    encoder = open_encoder(adapted, "mine", max_tokens=8)
    assert f"mine@{adapted.name.rsplit('-', 1)[1]}" in encoder.model_id
    assert encoder.model_id != open_encoder(tiny, "mine", max_tokens=8).model_id
    assert not list(adapted.glob("*adapter*"))


def test_the_same_seed_gives_the_same_model_and_another_another(tiny: Path, tmp_path: Path) -> None:
    first, again, other = (adapt(tiny, PAIRS, tmp_path / str(n), QUICK, seed=n % 2)[0].name for n in (0, 2, 1))
    assert first == again != other


def test_the_model_that_it_started_from_stays_as_it_is(tiny: Path, tmp_path: Path) -> None:
    before = (tiny / "model.safetensors").read_bytes()
    adapt(tiny, PAIRS, tmp_path, QUICK)
    assert (tiny / "model.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    "change",
    [
        {"rank": 2},
        {"learning_rate": 1e-3},
        {"epochs": 1},
        {"batch": 4},
        {"temperature": 0.5},
        {"max_tokens": 3},
        {"pooling": "cls"},
        {"prompt": "nice "},
        {"bfloat16": True},
    ],
)
def test_settings_change_the_model(tiny: Path, tmp_path: Path, change: dict[str, object]) -> None:
    settings = {**vars(QUICK), "epochs": 2}
    plain, _ = adapt(tiny, PAIRS, tmp_path, Adaptation(**settings))
    changed, _ = adapt(tiny, PAIRS, tmp_path, Adaptation(**settings | change))
    assert changed.name != plain.name


def test_the_loss_is_the_cross_entropy_of_the_partner_in_both_directions() -> None:
    """Scores 1 and 0: each direction costs ln(1 + e^-1)."""
    loss = contrastive_loss(torch.eye(2), [("a", "b"), ("c", "d")])
    assert float(loss) == pytest.approx(np.log(1 + np.exp(-1)))


@pytest.mark.parametrize("batch", [[("a", "b"), ("c", "b")], [("a", "b"), ("a", "d")]])
def test_equal_texts_are_not_held_against_each_other(batch: list[Pair]) -> None:
    assert float(contrastive_loss(torch.zeros(2, 2), batch)) == 0


def test_next_pairs_tell_the_newest_first_and_the_future_never() -> None:
    texts = ["a", "b", "c", "d"]
    assert next_pairs([[0, 1, 2, 3], [3]], texts, last=2) == [("a", "b"), ("b a", "c"), ("c b", "d")]


def test_together_pairs_hold_each_pair_once() -> None:
    texts = ["a", "b", "c"]
    assert together_pairs([[0, 1, 2], [2, 1, 1]], texts, within=2) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert together_pairs([[0, 1, 2]], texts, within=1) == [("a", "b"), ("b", "c")]


def test_review_pairs_leave_out_empty_reviews() -> None:
    assert review_pairs([("so good", 1), (" ", 0)], ["a", "b"]) == [("so good", "b")]


def test_one_pair_is_too_few(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="two pairs of texts or more, found 1"):
        adapt(tiny, PAIRS[:1], tmp_path)


@pytest.mark.parametrize("change", [{"rank": -1}, {"epochs": 0}, {"batch": 1}, {"temperature": 0.0}])
def test_settings_out_of_range_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="An adaptation needs"):
        Adaptation(**change)  # type: ignore[arg-type]


def test_without_peft_the_extra_is_named(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(MissingExtraError, match=r"penchant\[nlp\]"):
        adapt(tiny, PAIRS, tmp_path, QUICK)

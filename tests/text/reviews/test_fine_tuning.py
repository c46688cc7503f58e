"""Fine-tuning of a small real model."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from penchant.records.errors import ConfigError
from penchant.text.linear import SOFTMAX, LinearHead, fit_head, fit_scales
from penchant.text.reviews.fine_tuning import FineTuning, fine_tune
from penchant.text.reviews.tuned import TunedEncoder

SETTINGS = FineTuning(layers=2, epochs=6, learning_rate=3e-3, rows_per_step=16)


def make_rows(num: int = 300) -> tuple[list[str], np.ndarray, np.ndarray]:
    """`not` turns the feeling round, which no sum over words can tell."""
    rng = np.random.default_rng(0)
    good, turned = rng.random(num) < 0.5, rng.random(num) < 0.5
    nouns = rng.choice(["room", "bed", "phone"], num)
    texts = [
        f"the {noun} is {'not ' if t else ''}{'good' if g else 'bad'}"
        for noun, g, t in zip(nouns, good, turned, strict=True)
    ]
    return texts, np.eye(2)[(good ^ turned).astype(int)], np.arange(num) % 5 == 0


def learn(path: Path, settings: FineTuning) -> tuple[TunedEncoder, LinearHead, list[float], LinearHead]:
    texts, targets, held_out = make_rows()
    encoder = TunedEncoder(path, "tiny")
    vectors = encoder.encode(texts)
    start = fit_head(SOFTMAX, vectors[:12], targets[:12], 0.01)
    return *fine_tune(encoder, start, texts, targets, held_out, settings), start


def held_out_loss(encoder: TunedEncoder, head: LinearHead) -> float:
    """At the best scale."""
    texts, targets, held_out = make_rows()
    logits, targets = head.logits(encoder.encode(texts))[held_out], targets[held_out]
    return float(SOFTMAX.losses(logits * fit_scales(SOFTMAX, [logits], targets)[0], targets).mean())


def test_learns_what_the_frozen_model_cannot_tell(tiny_bert: Path) -> None:
    encoder, head, losses, start = learn(tiny_bert, SETTINGS)
    assert losses[0] == pytest.approx(held_out_loss(TunedEncoder(tiny_bert, "tiny"), start), abs=1e-4)
    assert min(losses) == pytest.approx(held_out_loss(encoder, head), abs=1e-4)
    assert min(losses) < 0.5 * losses[0]


def test_only_the_last_layers_change(tiny_bert: Path) -> None:
    encoder = learn(tiny_bert, replace(SETTINGS, layers=1, epochs=2))[0]
    assert encoder.tensors
    assert all(name.startswith("encoder.layer.1.") for name in encoder.tensors)
    everything = learn(tiny_bert, replace(SETTINGS, layers=None, epochs=2))[0]
    assert "embeddings.word_embeddings.weight" in everything.tensors


def test_the_seed_repeats_it(tiny_bert: Path) -> None:
    short = replace(SETTINGS, epochs=1)
    first, again, other = (learn(tiny_bert, replace(short, seed=seed))[2] for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_a_rate_that_destroys_falls_back_to_the_start(tiny_bert: Path) -> None:
    encoder, head, losses, start = learn(tiny_bert, replace(SETTINGS, learning_rate=30.0))
    assert len(losses) == 2  # stopped after the first epoch
    assert losses[1] > losses[0]
    assert held_out_loss(encoder, head) == pytest.approx(
        held_out_loss(TunedEncoder(tiny_bert, "tiny"), start), abs=1e-4
    )


def test_row_weights_arrive(tiny_bert: Path) -> None:
    texts, targets, held_out = make_rows()
    head = LinearHead(link=SOFTMAX, weights=np.zeros((16, 2), np.float32), bias=np.zeros(2, np.float32))
    none = replace(SETTINGS, epochs=1)
    shifts = []
    for weights in (None, 1 + 9 * targets[:, 1]):
        _, learned, _ = fine_tune(TunedEncoder(tiny_bert, "tiny"), head, texts, targets, held_out, none, weights)
        shifts.append(learned.bias[1] - learned.bias[0])
    assert shifts[1] > shifts[0] + 0.1


@pytest.mark.parametrize("layers", [0, 3])
def test_layers_that_are_not_there_are_refused(tiny_bert: Path, layers: int) -> None:
    with pytest.raises(ConfigError, match=f"has 2 layers, of which {layers} cannot be learned. Take 1 to 2"):
        learn(tiny_bert, replace(SETTINGS, layers=layers))

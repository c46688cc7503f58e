from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from penchant.models.item_tower import Content, ItemTower
from penchant.models.live_texts import LiveTexts, Texts
from penchant.text.encoders.checkpoint import Checkpoint
from penchant.text.encoders.transformer import TransformerEncoder
from penchant.text.tunable import TunableEncoder
from text.tiny_models import MARKS, tiny_bert

WORDS = ["soup", "spoon", "guitar", "song", "tent", "boot"]
TEXTS = ["soup spoon", "spoon", "guitar song", "tent boot song", "boot soup"]


@pytest.fixture
def encoder(tmp_path: Path) -> TransformerEncoder:
    return TransformerEncoder(tiny_bert(tmp_path / "tiny", WORDS, positions=128), "tiny")


def live_texts(encoder: TransformerEncoder, most: int = 100) -> LiveTexts:
    kept = torch.from_numpy(encoder.encode(TEXTS))
    tunable = TunableEncoder(encoder, rank=0)
    return LiveTexts(tunable, Texts(TEXTS, kept), Texts(TEXTS[:2], kept[:2].clone()), most, rate=1e-4).train()


def gradients(live: LiveTexts) -> dict[str, Tensor]:
    named = live.encoder.encoder.model.named_parameters()
    return {name: value.grad.clone() for name, value in named if value.grad is not None}


def test_the_gradient_is_that_of_the_whole_catalogue_at_once(encoder: TransformerEncoder) -> None:
    live = live_texts(encoder)
    tower = ItemTower(Content.of(encoder.encode(TEXTS)), np.zeros(len(TEXTS)), 8, id_dropout=0.0)
    pull = torch.randn(len(TEXTS), 8, generator=torch.Generator().manual_seed(0))
    (tower(live.fresh_items(torch.arange(len(TEXTS)))) * pull).sum().backward()
    found = gradients(live)

    model = Checkpoint(encoder.path).model
    number = {word: place for place, word in enumerate((*MARKS, *WORDS))}
    rows = [[2, *(number[word] for word in text.split()), 3] for text in TEXTS]
    ids = torch.tensor([row + [0] * (5 - len(row)) for row in rows])
    mask = (torch.arange(5) < torch.tensor([len(row) for row in rows])[:, None]).long()
    states = model(input_ids=ids, attention_mask=mask).last_hidden_state * mask[..., None]
    raw = torch.nn.functional.normalize(states.sum(1) / mask.sum(1, keepdim=True), dim=1)
    whitened = (raw - raw.mean(0)) @ tower.projection
    (tower.norm(tower.linear(whitened)) * pull).sum().backward()
    own = {name: value.grad for name, value in model.named_parameters() if value.grad is not None}

    assert found.keys() == own.keys()
    assert all(torch.allclose(found[name], own[name], rtol=1e-3, atol=1e-4) for name in own)
    assert found["embeddings.word_embeddings.weight"].abs().max() > 1e-2


def test_what_all_move_by_together_has_no_gradient(encoder: TransformerEncoder) -> None:
    live = live_texts(encoder)
    live.fresh_items(torch.arange(4))[1].sum().backward()
    assert max(value.abs().max() for value in gradients(live).values()) < 1e-5


def test_only_what_is_asked_for_is_read_anew_each_once(encoder: TransformerEncoder) -> None:
    live = live_texts(encoder)
    rows, vectors = live.fresh_items(torch.tensor([[3, -1, 0], [3, -2, 0]]))
    assert rows.tolist() == [0, 3]
    assert torch.allclose(vectors, live.items.vectors[rows], atol=1e-5)  # nothing has been learned yet
    assert live.fresh_items(torch.tensor([-1, -2]))[1].shape == (0, 16)


def test_of_many_so_many_are_drawn(encoder: TransformerEncoder) -> None:
    torch.manual_seed(0)
    draws = {tuple(live_texts(encoder, most=2).fresh_items(torch.arange(5))[0].tolist()) for _ in range(20)}
    assert {len(draw) for draw in draws} == {2}
    assert len(draws) > 4
    assert all(list(draw) == sorted(draw) for draw in draws)


def test_texts_of_events_carry_a_gradient_where_they_are_asked_for(encoder: TransformerEncoder) -> None:
    live = live_texts(encoder)
    pull = torch.randn(2, 16, generator=torch.Generator().manual_seed(0))
    (live.fresh_texts(torch.tensor([0, 1])) * pull).sum().backward()
    assert max(value.abs().max() for value in gradients(live).values()) > 1e-2


def test_reading_all_anew_follows_the_weights(encoder: TransformerEncoder) -> None:
    live = live_texts(encoder)
    before = live.items.vectors.clone()
    live.read_all()
    assert torch.allclose(live.items.vectors, before, atol=1e-5)
    with torch.no_grad():
        live.learned[0] += torch.randn(live.learned[0].shape, generator=torch.Generator().manual_seed(0))
    live.read_all()
    assert (live.items.vectors - before).abs().max() > 0.1
    assert torch.allclose(live.said.vectors, live.items.vectors[:2], atol=1e-5)


def test_the_tower_keeps_new_readings_about_their_own_mean(encoder: TransformerEncoder) -> None:
    first = encoder.encode(TEXTS)
    tower = ItemTower(Content.of(first), np.zeros(len(TEXTS)), 8, id_dropout=0.0).eval()
    vectors = torch.from_numpy(first)
    kept = tower.content.clone()
    tower.renew(vectors + 3.0)
    assert torch.allclose(tower.content, kept, atol=1e-3)
    assert torch.allclose(tower.of_text(vectors + 3.0), tower(), atol=1e-3)

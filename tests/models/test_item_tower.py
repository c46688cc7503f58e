import numpy as np
import torch

from penchant.models.item_tower import Content, ItemTower

TEXTS = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
PRICES = np.array([[-1, 1], [-0.5, 1], [0.5, 1], [1, 1], [2, 1], [0, 0]], np.float32)


def tower(numbers: np.ndarray | None) -> ItemTower:
    torch.manual_seed(0)
    return ItemTower(Content.of(TEXTS, numbers), np.zeros(6), 8, id_dropout=0.0).eval()


def test_without_numbers_there_is_nothing_of_them() -> None:
    plain = tower(None)
    assert not [name for name in plain.state_dict() if "number" in name]
    assert sorted(set(tower(PRICES).state_dict()) - set(plain.state_dict())) == ["by_number", "numbers"]


def test_numbers_move_items_but_not_those_without() -> None:
    plain, own = tower(None), tower(PRICES)
    own.load_state_dict(plain.state_dict(), strict=False)
    moved = (own() - plain()).abs().amax(1) > 1e-3
    assert moved.tolist() == [True] * 5 + [False]


def test_new_items_are_read_as_the_catalogue_is() -> None:
    own = tower(PRICES)
    texts, prices = torch.from_numpy(TEXTS), torch.from_numpy(PRICES)
    torch.testing.assert_close(own.of_text(texts, prices), own(), atol=1e-5, rtol=1e-4)
    assert not torch.allclose(own.of_text(texts), own(), atol=1e-2)

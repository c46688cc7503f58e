import pytest
import torch

from penchant.models.sharing.residuals import TaskResiduals


def awake(num_tasks: int = 2, size: int = 4) -> TaskResiduals:
    """With vectors that are no longer zero."""
    torch.manual_seed(0)
    model = TaskResiduals(num_items=5, embedding_size=3, num_tasks=num_tasks, size=size)
    torch.nn.init.normal_(model.items)
    return model


STATES, ROWS = torch.randn(4, 3, generator=torch.Generator().manual_seed(1)), torch.tensor([0, 4, 2, 0])


def test_a_new_network_says_nothing_and_learns_from_the_first_step() -> None:
    model = TaskResiduals(5, 3, 2)
    said = model(STATES, ROWS)
    assert torch.equal(said, torch.zeros(4, 2))
    said.sum().backward()
    assert model.items.grad is not None
    assert (model.items.grad.abs().amax(1) > 0).tolist() == [True, False, True, False, True]


def test_it_is_a_dot_product_of_the_tasks_own() -> None:
    model = awake()
    said = model(STATES, ROWS)
    for row, (state, item) in enumerate(zip(STATES, ROWS, strict=True)):
        for task in range(2):
            own = slice(4 * task, 4 * task + 4)
            look = model.projections.weight[own] @ state + model.projections.bias[own]
            assert said[row, task].item() == pytest.approx((model.items[item, own] @ look).item() / 4**0.5, rel=1e-4)


def test_unknown_items_add_nothing() -> None:
    model = awake()
    assert torch.equal(model(STATES, torch.tensor([-1, 5, 1_000, -2])), torch.zeros(4, 2))
    mixed = model(STATES, torch.tensor([-1, 4, 5, 0]))
    torch.testing.assert_close(mixed[[1, 3]], model(STATES, ROWS)[[1, 3]])


def test_tasks_use_nothing_in_common() -> None:
    model, uses = awake(), []
    for task in range(2):
        model.zero_grad()
        model(STATES, ROWS)[:, task].sum().backward()
        uses.append({name: value.grad != 0 for name, value in model.named_parameters() if value.grad is not None})
    for name, first in uses[0].items():
        assert first.any()
        assert not (first & uses[1][name]).any()


def test_one_task_no_rows_and_another_size() -> None:
    assert awake(num_tasks=1)(STATES, ROWS).shape == (4, 1)
    assert awake()(STATES[:0], ROWS[:0]).shape == (0, 2)
    assert awake(size=7).items.shape == (5, 14)

"""Gradients at features: inner products, mixtures, and what lies behind a tensor."""

import pytest
import torch

from penchant.training.balancing.features import add_to_grad, are_apart, learned_behind, take_gradients


def test_inner_products_run_over_all_features() -> None:
    x, y = (torch.ones(2, requires_grad=True) * 1 for _ in range(2))
    losses = [3 * x[0] + y[0], x[0] + 2 * y[1], 5 * y[1]]
    found = take_gradients(losses, [x, y])
    assert found.gramian().tolist() == [[9 + 1, 3, 0], [3, 1 + 4, 10], [0, 10, 25]]
    mixed = found.mixed(torch.tensor([1.0, 10.0, 100.0]))
    assert [row.tolist() for row in mixed if row is not None] == [[3 + 10, 0], [1, 20 + 500]]
    assert [whole.tolist() for whole in found.jacobians([x, y])] == [
        [[3, 0], [1, 0], [0, 0]],
        [[1, 0], [0, 2], [0, 5]],
    ]


def test_a_feature_that_nobody_uses_is_left_out() -> None:
    x, y = (torch.ones(2, requires_grad=True) * 1 for _ in range(2))
    found = take_gradients([x.sum()], [x, y])
    assert found.mixed(torch.ones(1))[1] is None
    assert found.jacobians([x, y])[1].tolist() == [[0, 0]]


def test_inner_products_are_exact_for_many_small_terms() -> None:
    """bfloat16 counts to 256, float32 to 16,777,216; this is 17,000,000 of 1 each, in several chunks."""
    x = torch.ones(17_000_000, requires_grad=True, dtype=torch.bfloat16) * 1
    assert take_gradients([2 * x.sum()], [x]).gramian().tolist() == [[68_000_000]]


def test_heads_get_the_sum_and_features_get_nothing() -> None:
    x, head = torch.ones(2, requires_grad=True) * 1, torch.ones(2, requires_grad=True)
    head.grad = torch.full((2,), 100.0)
    take_gradients([(x * head).sum(), (3 * x * head).sum()], [x], [head])  # type: ignore[list-item]
    assert head.grad.tolist() == [104, 104]


def test_the_graph_may_be_kept() -> None:
    x = torch.ones(2, requires_grad=True) * 1
    loss = x.exp().sum()
    take_gradients([loss], [x], keep_graph=True)
    take_gradients([loss], [x])
    with pytest.raises(RuntimeError, match="second time"):
        take_gradients([loss], [x])


def test_gradients_that_share_memory_are_taken_apart() -> None:
    """autograd gives one tensor to both terms of a sum, and an expanded one to a parameter that is summed up."""
    first, second = (torch.zeros(3, requires_grad=True) for _ in range(2))
    gradients = torch.autograd.grad((first + second).sum(), [first, second])
    for _ in range(2):
        add_to_grad([first, second], gradients)
    assert first.grad is not None
    first.grad.mul_(10)
    assert first.grad.tolist() == [20, 20, 20]
    assert second.grad is not None
    assert second.grad.tolist() == [2, 2, 2]


def test_leaves_are_found_once() -> None:
    a, b, frozen = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True), torch.ones(1)
    found = learned_behind([a * b + frozen, a.exp(), b])
    assert {id(leaf) for leaf in found} == {id(a), id(b)}
    assert len(found) == 2


def test_nested_features_are_seen_at_any_depth() -> None:
    table = torch.ones(2, 2, requires_grad=True) * 1
    states = (table.exp() + 1).tanh()
    assert not are_apart([states, table])
    assert not are_apart([states, states])
    assert are_apart([states, table.view_as(table)])
    assert are_apart([torch.ones(1, requires_grad=True), states])

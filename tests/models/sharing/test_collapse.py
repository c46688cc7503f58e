import pytest
import torch

from penchant.models.sharing.collapse import collapsed


def test_all_is_well() -> None:
    assert collapsed(torch.tensor([[0.97, 0.02, 0.01], [0.1, 0.1, 0.8]])) == []


def test_an_expert_is_idle_when_no_task_wants_it() -> None:
    loads = torch.tensor([[0.5, 0.485, 0.015], [0.6, 0.39, 0.01]])
    assert collapsed(loads) == ["Expert 2 is idle: no task's gate gives it 2% (most: 1.5%)."]
    loads[1] = torch.tensor([0.5, 0.475, 0.025])  # one that wants it is enough
    assert collapsed(loads) == []


def test_a_gate_is_stuck_at_one_expert() -> None:
    loads = torch.tensor([[0.5, 0.5], [0.015, 0.985]])
    assert collapsed(loads) == ["The gate of task 1 is stuck: it gives 98.5% to expert 1."]
    assert collapsed(loads, ["rating", "like"]) == ["The gate of like is stuck: it gives 98.5% to expert 1."]


def test_both_are_told_idle_ones_first() -> None:
    words = collapsed(torch.tensor([[1.0, 0.0], [1.0, 0.0]]))
    assert [sentence.split()[:3] for sentence in words] == [["Expert", "1", "is"], *[["The", "gate", "of"]] * 2]


def test_one_expert_has_to_take_it_all() -> None:
    assert collapsed(torch.ones(3, 1)) == []


def test_names_are_as_many_as_tasks() -> None:
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        collapsed(torch.full((1, 2), 0.5), ["rating", "like"])

from collections.abc import Callable
from functools import partial
from typing import ClassVar

import pytest
import torch
from torch.nn import functional

from contracts.sharing_contract import EXPERT_SIZE, NUM_TASKS, SharingContract, features, used_by
from penchant.models.sharing.ple import NUM_SHARED, PLE, Level
from penchant.models.sharing.sharing import Sharing
from penchant.records.errors import ConfigError

NUM_EXPERTS = NUM_SHARED + NUM_TASKS


class PLEContract(SharingContract):
    num_experts = NUM_EXPERTS

    def test_no_gate_opens_to_another_tasks_expert(self) -> None:
        model = self.make()
        model(features())
        loads = model.take_loads()
        assert loads is not None
        own = torch.eye(NUM_TASKS).bool()
        assert (loads[:, :NUM_SHARED] > 0).all()
        assert ((loads[:, NUM_SHARED:] > 0) == own).all()


class TestOneLevel(PLEContract):
    sharing = PLE

    def test_parameters_keep_their_names(self) -> None:
        parts = ("experts", "norm", "gates")
        assert set(self.make().state_dict()) == {f"{part}.{kind}" for part in parts for kind in ("weight", "bias")}

    def test_each_task_mixes_shared_experts_and_its_own(self) -> None:
        model = self.make()
        assert isinstance(model, PLE)
        experts = functional.silu(features() @ model.experts.weight.T + model.experts.bias).split(EXPERT_SIZE, dim=1)
        experts = [functional.layer_norm(expert, (EXPERT_SIZE,)) for expert in experts]
        read = model(features())
        for task in range(NUM_TASKS):
            rows = slice(task * (NUM_SHARED + 1), (task + 1) * (NUM_SHARED + 1))
            gate = (features() @ model.gates.weight[rows].T + model.gates.bias[rows]).softmax(-1)
            open_to = [*experts[:NUM_SHARED], experts[NUM_SHARED + task]]
            torch.testing.assert_close(read[:, task], sum(gate[:, [x]] * expert for x, expert in enumerate(open_to)))

    def test_private_experts_are_private(self) -> None:
        uses = [used_by(self.make(), task)["experts.weight"].view(NUM_EXPERTS, -1).any(1) for task in range(NUM_TASKS)]
        assert torch.stack(uses).tolist() == [[True, True, *row] for row in torch.eye(NUM_TASKS).bool().tolist()]


class TestTwoLevels(PLEContract):
    sharing: ClassVar[Callable[[int, int, int], Sharing]] = partial(PLE, levels=2)

    def test_private_experts_of_the_last_level_are_private(self) -> None:
        uses = [used_by(self.make(), task)["upper.0.experts"].flatten(1).any(1) for task in range(NUM_TASKS)]
        assert torch.stack(uses).tolist() == [[True, True, *row] for row in torch.eye(NUM_TASKS).bool().tolist()]

    def test_the_shared_stream_hears_all_tasks(self) -> None:
        assert used_by(self.make(), 0)["experts.weight"].all()


class TestThreeLevels(PLEContract):
    sharing: ClassVar[Callable[[int, int, int], Sharing]] = partial(PLE, levels=3)


def test_the_shared_stream_is_mixed_from_all_experts_below_by_its_own_gate() -> None:
    torch.manual_seed(0)
    level, below = Level(6, EXPERT_SIZE, NUM_TASKS), torch.randn(5, NUM_EXPERTS, EXPERT_SIZE)
    stream, experts, gates = level(features(), below, below[:, NUM_SHARED:])
    weights = level.shared_gate(features()).softmax(-1)
    torch.testing.assert_close(stream, sum(weights[:, [x]] * below[:, x] for x in range(NUM_EXPERTS)))
    assert experts.shape == (5, NUM_EXPERTS, EXPERT_SIZE)
    torch.testing.assert_close(gates.sum(-1), torch.ones(5, NUM_TASKS))


def test_levels_change_what_is_read() -> None:
    reads = []
    for levels in (1, 2, 3):
        torch.manual_seed(0)
        reads.append(PLE(6, EXPERT_SIZE, 2, levels)(features()))
    assert (reads[0] - reads[1]).abs().max() > 0.1
    assert (reads[1] - reads[2]).abs().max() > 0.1


@pytest.mark.parametrize("levels", [0, -1])
def test_no_level_is_refused(levels: int) -> None:
    with pytest.raises(ConfigError, match=f"1 or more, found {levels}. Try 1"):
        PLE(6, EXPERT_SIZE, 2, levels)

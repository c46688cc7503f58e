import torch
from torch.nn import functional

from contracts.sharing_contract import EXPERT_SIZE, NUM_TASKS, SharingContract, features, used_by
from penchant.models.sharing.mmoe import NUM_EXPERTS, MMoE


class TestMMoE(SharingContract):
    sharing = MMoE
    num_experts = NUM_EXPERTS

    def test_each_task_mixes_all_experts_by_its_gate(self) -> None:
        model = self.make()
        assert isinstance(model, MMoE)
        weights, offsets = model.experts.weight.split(EXPERT_SIZE), model.experts.bias.split(EXPERT_SIZE)
        experts = [
            functional.layer_norm(functional.silu(features() @ weight.T + offset), (EXPERT_SIZE,))
            for weight, offset in zip(weights, offsets, strict=True)
        ]
        read = model(features())
        for task in range(NUM_TASKS):
            rows = slice(task * NUM_EXPERTS, (task + 1) * NUM_EXPERTS)
            gate = (features() @ model.gates.weight[rows].T + model.gates.bias[rows]).softmax(-1)
            torch.testing.assert_close(gate.sum(-1), torch.ones(5))
            mixed = sum(gate[:, place, None] * expert for place, expert in enumerate(experts))
            torch.testing.assert_close(read[:, task], mixed)

    def test_every_task_uses_every_expert_and_its_own_gate_alone(self) -> None:
        uses = [used_by(self.make(), task) for task in range(NUM_TASKS)]
        assert all(use["experts.weight"].all() for use in uses)
        assert sum(use["gates.weight"].long() for use in uses).max() == 1

    def test_a_gate_that_wants_one_expert_gives_it_all(self) -> None:
        model = self.make()
        assert isinstance(model, MMoE)
        with torch.no_grad():
            model.gates.bias[NUM_EXPERTS + 2] += 100  # of the second task, to the third expert
        model(features())
        loads = model.take_loads()
        assert loads is not None
        torch.testing.assert_close(loads[1], torch.eye(NUM_EXPERTS)[2])
        assert loads[[0, 2]].max() < 0.9

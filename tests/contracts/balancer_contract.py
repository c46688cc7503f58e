"""What every balancer promises. A test class inherits this and gives `make`, on a real small network with four tasks."""

import copy
from collections.abc import Callable, Mapping, Sequence

import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor
from torch.nn.functional import cosine_similarity

from penchant.training.balancing.balancer import Balancer
from training.balancing.small import TASKS, Small, gradient

SOME_PRESENT = [TASKS, ("next_item",), ("rating", "tags"), ("like",), ("next_item", "like", "tags"), TASKS]


def step(
    network: Small,
    balancer: Balancer,
    number: int,
    present: Sequence[str] = TASKS,
    scales: Mapping[str, float] | None = None,
    optimizer: torch.optim.Optimizer | None = None,
) -> dict[str, float]:
    """One batch, as the loop does it. Without an optimiser the parameters stay where they are."""
    losses, features = network.look(number, present, scales)
    network.zero_grad()
    weights = balancer.backward(losses, features, network.heads())
    if optimizer is not None:
        optimizer.step()
    if balancer.second_look:
        balancer.after_step({name: loss.detach() for name, loss in network.look(number, present, scales)[0].items()})
    return weights


def optimizer_of(network: Small, balancer: Balancer, learning_rate: float = 0.01) -> torch.optim.Optimizer:
    return torch.optim.Adam([*network.parameters(), *balancer.parameters()], lr=learning_rate)


class BalancerContract:
    """Subclasses define the fixture `make`: the names of tasks -> a fresh balancer."""

    def test_gradients_are_finite_and_reach_trunk_and_heads(self, make: Callable[[Sequence[str]], Balancer]) -> None:
        network = Small()
        weights = step(network, make(TASKS), 0)
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None, name
            assert parameter.grad.isfinite().all(), name
            assert parameter.grad.any(), name
        assert tuple(weights) == TASKS
        assert all(torch.tensor(list(weights.values())).isfinite())

    def test_gradients_are_added_to_what_is_there(self, make: Callable[[Sequence[str]], Balancer]) -> None:
        fresh, full = Small(), Small()
        torch.manual_seed(0)
        step(fresh, make(TASKS), 0)
        for parameter in full.parameters():
            parameter.grad = torch.ones_like(parameter)
        losses, features = full.look(0)
        torch.manual_seed(0)
        make(TASKS).backward(losses, features, full.heads())
        torch.testing.assert_close(gradient(list(full.parameters())), 1 + gradient(list(fresh.parameters())))

    @pytest.mark.parametrize("tasks", [("rating",), TASKS])
    def test_a_task_alone_goes_its_own_way(
        self, make: Callable[[Sequence[str]], Balancer], tasks: tuple[str, ...]
    ) -> None:
        network, plain = Small(), Small()
        plain.look(0, ("rating",))[0]["rating"].backward()
        step(network, make(tasks), 0, ("rating",))
        for part in (Small.shared, Small.heads):
            assert cosine_similarity(gradient(part(network)), gradient(part(plain)), dim=0) > 1 - 1e-5

    def test_absent_tasks_are_no_trouble_and_get_no_gradient(self, make: Callable[[Sequence[str]], Balancer]) -> None:
        network, balancer = Small(), make(TASKS)
        optimizer = optimizer_of(network, balancer)
        for number, present in enumerate(SOME_PRESENT):
            weights = step(network, balancer, number, present, optimizer=optimizer)
            balancer.on_epoch()
            assert set(weights) == set(present)
            assert gradient(list(network.parameters())).isfinite().all()
            for name, head in network.outputs.items():
                assert (head.weight.grad is None) == (name not in present)

    @pytest.mark.parametrize("scales", [{"next_item": 1e-3, "tags": 1e3}, {"next_item": 1e3, "rating": 1e-3}])
    def test_very_different_sizes_stay_finite(
        self, make: Callable[[Sequence[str]], Balancer], scales: dict[str, float]
    ) -> None:
        network, balancer = Small(), make(TASKS)
        optimizer = optimizer_of(network, balancer)
        for number in range(6):
            weights = step(network, balancer, number, scales=scales, optimizer=optimizer)
            balancer.on_epoch()
            assert all(torch.tensor(list(weights.values())).isfinite())
            assert gradient(network.shared()).isfinite().all()
            assert gradient(network.shared()).any()

    def test_a_seed_repeats(self, make: Callable[[Sequence[str]], Balancer]) -> None:
        torch.testing.assert_close(self._trained(make), self._trained(make), rtol=0, atol=0)

    def test_its_state_is_all_that_the_next_step_needs(self, make: Callable[[Sequence[str]], Balancer]) -> None:
        network, balancer = Small(), make(TASKS)
        optimizer = optimizer_of(network, balancer)
        for number, present in enumerate(SOME_PRESENT[:5]):
            step(network, balancer, number, present, optimizer=optimizer)
            if number != 3:
                balancer.on_epoch()
        again, copied = make(TASKS), copy.deepcopy(network)
        parameters = again.parameters()
        again.load_state(load(save(balancer.state())))
        assert all(mine is before for mine, before in zip(again.parameters(), parameters, strict=True))
        for number in range(3):
            results = []
            for one, net in ((balancer, network), (again, copied)):
                torch.manual_seed(number)
                weights = step(net, one, number)
                one.on_epoch()
                results.append((weights, gradient(list(net.parameters()))))
            assert results[0][0] == results[1][0]
            torch.testing.assert_close(results[0][1], results[1][1], rtol=0, atol=0)
        assert balancer.state().keys() == again.state().keys()

    def test_a_state_is_a_copy(self, make: Callable[[Sequence[str]], Balancer]) -> None:
        network, balancer = Small(), make(TASKS)
        optimizer = optimizer_of(network, balancer)
        step(network, balancer, 0, optimizer=optimizer)
        state = balancer.state()
        kept = {name: value.clone() for name, value in state.items()}
        step(network, balancer, 1, optimizer=optimizer)
        assert all(torch.equal(state[name], value) for name, value in kept.items())

    def test_thirty_steps_reduce_the_summed_loss(self, make: Callable[[Sequence[str]], Balancer]) -> None:
        network, balancer = Small(), make(TASKS)
        optimizer = optimizer_of(network, balancer, 0.02)
        before = sum(loss.item() for loss in network.look(99)[0].values())
        for number in range(30):
            step(network, balancer, number, optimizer=optimizer)
        after = sum(loss.item() for loss in network.look(99)[0].values())
        assert after < 0.9 * before

    def test_frozen_parameters_stay_without_a_gradient(self, make: Callable[[Sequence[str]], Balancer]) -> None:
        network = Small()
        frozen = [network.bias, *network.items.parameters()]
        for parameter in frozen:
            parameter.requires_grad_(False)
        step(network, make(TASKS), 0)
        assert all(parameter.grad is None for parameter in frozen)
        assert gradient([*network.trunk.parameters()]).any()

    def _trained(self, make: Callable[[Sequence[str]], Balancer]) -> Tensor:
        torch.manual_seed(3)
        network, balancer = Small(), make(TASKS)
        torch.manual_seed(4)
        optimizer = optimizer_of(network, balancer)
        for number in range(4):
            step(network, balancer, number, optimizer=optimizer)
        return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])

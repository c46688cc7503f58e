"""Everything that a step touches is where the network is: on a pretended device, in a process of its own, and on a GPU if any."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from penchant.records.errors import ConfigError
from penchant.training.callbacks import Callback, EpochEnd
from penchant.training.devices import drawn_again, find_device, random_states
from penchant.training.settings import TrainingConfig
from training.ring import fingerprint, learn_ring, ring_batch

needs_cuda = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA device is here: real GPU steps are not run"
)
TESTS = Path(__file__).parent.parent


def test_words() -> None:
    assert find_device("cpu") == torch.device("cpu")
    assert find_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    with pytest.raises(ConfigError, match="device 'gpu'"):
        TrainingConfig(device="gpu")


@pytest.mark.parametrize(
    ("word", "there"), [("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available())]
)
def test_a_device_that_is_not_here_is_told_of(word: str, there: bool) -> None:
    if there:
        pytest.skip(f"{word} is here")
    with pytest.raises(ConfigError, match=f"The device '{word}' is not here, found cpu"):
        TrainingConfig(device=word)


def test_chance_repeats_itself_and_goes_on() -> None:
    torch.manual_seed(0)
    states, first = random_states(), torch.rand(3)
    following = torch.rand(3)
    torch.manual_seed(0)
    torch.rand(3)
    with drawn_again(states):
        assert torch.equal(torch.rand(3), first)
    assert torch.equal(torch.rand(3), following)


def test_a_batch_on_the_cpu_is_not_copied() -> None:
    batch = ring_batch()
    assert batch.to(torch.device("cpu")) is batch


PRETENDED = f"""
import sys
from pathlib import Path
import numpy as np, torch
sys.path.insert(0, {str(TESTS)!r})
torch.inference_mode = torch.no_grad  # whose operations are not shown to what stands in for a device
from training.pretended import pretended
from training.ring import learn_ring, ring_events
from penchant.ranking.network_source import NetworkSource
from penchant.records.events import histories_of
from penchant.training import loop
from penchant.training.callbacks import Callback

class Cut(Callback):
    def on_epoch(self, end):
        return end.epoch == 1

def scores(network):
    return NetworkSource(network, {{{{}}}}, (1.0, 5.0)).score(histories_of(ring_events(), np.arange(20), np.zeros(20), 20))

options, folder = {{options}}, Path({{folder!r}})
here, told = learn_ring(epochs=4, **options)
with pretended() as device:
    known, loop.find_device = loop.find_device, lambda word: device
    there, first = learn_ring(epochs=4, checkpoint=folder, callbacks=[Cut()], **options)
    assert there.device == device
    for name, value in [*there.named_parameters(), *there.named_buffers()]:
        assert value.device == device, name
    assert NetworkSource(there, {{{{}}}}, (1.0, 5.0)).num_events.sum() == len(ring_events())
    elsewhere = scores(there)
    np.testing.assert_allclose(scores(there.to("cpu")), elsewhere, atol=1e-4)
    loop.find_device = known
again, also = learn_ring(epochs=4, checkpoint=folder, **options)
assert again.device.type == "cpu"
for end, other in zip(told.curves, also.curves, strict=True):
    for name in end.losses:
        assert abs(end.losses[name] / other.losses[name] - 1) < 2e-3, (end.losses, other.losses)
print("the same")
"""


@pytest.mark.parametrize(
    "options",
    [
        {"negatives": 4, "ema": 0.9, "accumulate": 2, "cosine_every": 1},
        {"balancer": "famo", "network_options": {"aggregator": "attention", "task_residual_size": 4}},
        {"balancer": "upgrad", "network_options": {"aggregator": "multi-interest", "sharing": "mmoe"}},
    ],
    ids=str,
)
def test_a_pretended_device_meets_no_stray_tensor_and_learns_the_same(
    options: dict[str, object], tmp_path: Path
) -> None:
    """Half the epochs there, from its checkpoint the other half here, against all of them here; scores there and here."""
    program = PRETENDED.format(options=options, folder=str(tmp_path / "run"))
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert told.stdout.strip() == "the same", told.stderr


def test_the_pretended_device_does_refuse_strays() -> None:
    program = f"""
import sys, torch
sys.path.insert(0, {str(TESTS)!r})
from training.pretended import pretended
with pretended() as device:
    torch.ones(2).to(device) + torch.ones(2)
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "Expected all tensors to be on the same device" in told.stderr


@needs_cuda
def test_a_gpu_learns_what_a_cpu_learns(tmp_path: Path) -> None:
    here, _ = learn_ring(device="cpu", network_options={"dropout": 0.0, "id_dropout": 0.0})
    there, _ = learn_ring(
        device="cuda", network_options={"dropout": 0.0, "id_dropout": 0.0}, checkpoint=tmp_path / "run"
    )
    assert there.device.type == "cuda"
    for name, value in there.to("cpu").state_dict().items():
        torch.testing.assert_close(value, here.state_dict()[name], atol=1e-2, rtol=1e-2)


class Killed(Callback):
    """After four epochs."""

    def on_epoch(self, end: EpochEnd) -> bool:
        if end.epoch == 3:
            raise KeyboardInterrupt
        return False


@needs_cuda
def test_a_run_goes_on_on_another_device(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        learn_ring(device="cuda", epochs=8, checkpoint=tmp_path / "run", callbacks=[Killed()])
    network, trained = learn_ring(device="cpu", epochs=8, checkpoint=tmp_path / "run")
    assert network.device.type == "cpu"
    assert len(trained.curves) == 8
    assert all(np.isfinite(list(end.losses.values())).all() for end in trained.curves)


@needs_cuda
@pytest.mark.parametrize("aggregator", ["gru", "lstm", "transformer"])
@pytest.mark.parametrize("balancer", ["fixed", "famo", "upgrad", "uncertainty"])
def test_what_a_gpu_learns_is_repeatable(aggregator: str, balancer: str) -> None:
    options = {"device": "cuda", "balancer": balancer, "network_options": {"aggregator": aggregator}, "epochs": 2}
    one, two = (learn_ring(**options)[0].to("cpu") for _ in range(2))  # type: ignore[arg-type]
    for name, value in one.state_dict().items():
        torch.testing.assert_close(two.state_dict()[name], value, atol=1e-3, rtol=1e-3)
    assert fingerprint(one)

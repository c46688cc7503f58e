import warnings

import pytest
import torch

from penchant.models.aggregators.gru import GRU
from penchant.models.aggregators.lstm import LSTM
from penchant.models.aggregators.recurrent import Recurrent


@pytest.mark.parametrize("kind", [GRU, LSTM])
def test_one_layer_with_dropout_is_no_reason_for_a_warning(kind: type[Recurrent]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kind(8, num_blocks=1, num_heads=1, dropout=0.3, max_length=4)


@pytest.mark.parametrize(("kind", "num_gates"), [(GRU, 3), (LSTM, 4)])
def test_layers_have_the_gates_of_their_cells(kind: type[Recurrent], num_gates: int) -> None:
    layers = kind(8, num_blocks=2, num_heads=1, dropout=0.0, max_length=4).layers
    assert layers.weight_ih_l0.shape == (num_gates * 8, 9)
    assert layers.weight_ih_l1.shape == (num_gates * 8, 8)


@pytest.mark.parametrize("kind", [GRU, LSTM])
def test_a_long_wait_speaks_as_loudly_as_an_event(kind: type[Recurrent]) -> None:
    """A year, in seconds, is of the order of one feature; it neither drowns the event nor goes unheard."""
    torch.manual_seed(0)
    model = kind(8, num_blocks=1, num_heads=1, dropout=0.0, max_length=4)
    x, now, year = (
        torch.randn(50, 2, 8),
        torch.zeros(50, 2, dtype=torch.long),
        torch.tensor([0, 31_536_000]).expand(50, 2),
    )
    by_wait = (model(x, year) - model(x, now))[:, 1].norm(dim=-1).mean()
    by_event = (model(x.flip(0), now) - model(x, now))[:, 1].norm(dim=-1).mean()
    assert 0.1 < by_wait / by_event < 1


@pytest.mark.parametrize("kind", [GRU, LSTM])
@pytest.mark.parametrize(("num_blocks", "at_the_end"), [(1, True), (2, False)])
def test_dropout_is_at_the_end_and_between_layers(kind: type[Recurrent], num_blocks: int, at_the_end: bool) -> None:
    model = kind(8, num_blocks, num_heads=1, dropout=0.5, max_length=4)
    model.dropout.train(at_the_end)
    x, times = torch.randn(2, 4, 8), torch.arange(8).view(2, 4)
    assert not torch.allclose(model(x, times), model(x, times))

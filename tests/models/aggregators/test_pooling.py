import torch

from penchant.models.aggregators.pooling import GAIN, Pooling


def pooling(num_queries: int = 3) -> Pooling:
    torch.manual_seed(0)
    return Pooling(8, num_queries, 16)


def test_weights_of_the_past_sum_to_one() -> None:
    weights = pooling()(torch.randn(2, 5, 8), torch.arange(10).view(2, 5))
    assert weights.shape == (2, 3, 5, 5)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3, 5))
    assert (weights.triu(1) == 0).all()


def test_queries_start_at_right_angles() -> None:
    queries = pooling().queries
    torch.testing.assert_close(queries @ queries.T, GAIN**2 * torch.eye(3))


def test_what_an_event_is_decides_how_much_it_counts() -> None:
    model, x, times = pooling(), torch.randn(1, 6, 8), torch.zeros(1, 6, dtype=torch.long)
    before = model(x, times)
    x[0, 2] = -x[0, 2]
    change = (model(x, times) - before)[0].abs()
    assert (change[:, 2:, 2] > 1e-4).all()
    assert (change[:, :2] == 0).all()


def test_without_queries_age_alone_counts() -> None:
    model, times = pooling(), torch.arange(6)[None]
    torch.nn.init.zeros_(model.queries)
    torch.testing.assert_close(model(torch.randn(1, 6, 8), times), model.decay(times).softmax(-1))

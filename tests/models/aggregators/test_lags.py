import torch

from penchant.models.aggregators.lags import log_gaps, log_waits, steps_back

TIMES = torch.tensor([[10, 11, 14], [5, 3, 3]])


def test_steps_count_backwards_from_the_one_that_looks() -> None:
    assert steps_back(3, torch.device("cpu")).tolist() == [[0, -1, -2], [1, 0, -1], [2, 1, 0]]


def test_gaps_are_logarithms_and_never_negative() -> None:
    torch.testing.assert_close(
        log_gaps(TIMES).expm1(),
        torch.tensor([[[0, 0, 0], [1, 0, 0], [4, 3, 0]], [[0, 2, 2], [0, 0, 0], [0, 0, 0]]]).float(),
    )


def test_waits_are_the_gaps_to_the_event_before() -> None:
    torch.testing.assert_close(log_waits(TIMES).expm1(), torch.tensor([[0, 1, 3], [0, 0, 0]]).float())


def test_seconds_since_1970_lose_nothing() -> None:
    torch.testing.assert_close(log_waits(TIMES + 2**40), log_waits(TIMES))

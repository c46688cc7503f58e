"""Forgetting: how much less an older event counts, by steps and by time. Knows times, not events.

Legend: B sequences, L positions, N ways of forgetting.
"""

import math

import torch
from torch import Tensor, nn

from penchant.models.aggregators.lags import log_gaps, steps_back

SHORTEST = 2
"""Steps: half-lives start between this and the longest history."""
TIME_RATE = 0.05
"""Of the power law of time that all start with: a day in seconds halves an event, nearly."""


class Decay(nn.Module):
    """Logarithms of weights, (B, N, L, L): exponential in steps, a power law in time, -inf for the future.

    Each way learns its two rates. Half-lives start apart, even on a log scale: of four with histories of up to 128, at
    3, 10, 27 and 76 steps.
    """

    step_rates: Tensor

    def __init__(self, num_ways: int, max_length: int) -> None:
        super().__init__()
        places = (torch.arange(num_ways) + 0.5) / num_ways
        half_lives = SHORTEST * (max(max_length, SHORTEST) / SHORTEST) ** places
        self.register_buffer("step_rates", math.log(2) / half_lives, persistent=False)
        self.by_step = nn.Parameter(torch.zeros(num_ways))
        self.by_time = nn.Parameter(torch.zeros(num_ways))

    def forward(self, times_BL: Tensor) -> Tensor:
        steps_LL = steps_back(times_BL.shape[1], times_BL.device)
        faded_NLL = (self.step_rates * self.by_step.exp()).view(-1, 1, 1) * steps_LL
        older_BNLL = (TIME_RATE * self.by_time.exp()).view(1, -1, 1, 1) * log_gaps(times_BL)[:, None]
        return -(faded_NLL.masked_fill(steps_LL < 0, torch.inf) + older_BNLL)

import numpy as np
import pytest

from penchant.text.encoders.texts import pack


@pytest.mark.parametrize("budget", [1, 10, 64, 1000])
def test_batches_keep_to_the_budget_and_hold_each_text_once(budget: int) -> None:
    lengths = np.random.default_rng(0).integers(1, 40, 200).tolist()
    order = sorted(range(200), key=lengths.__getitem__)
    batches = list(pack(order, lengths, budget))
    assert [position for batch in batches for position in batch] == order
    assert all(len(batch) == 1 or len(batch) * max(lengths[p] for p in batch) <= budget for batch in batches)
    if budget == 1000:
        assert len(batches) < 20

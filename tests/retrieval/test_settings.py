import math
from collections.abc import Callable

import pytest

from penchant.records.errors import ConfigError
from penchant.retrieval.settings import check_count, check_positive, check_share, check_weight


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (check_share, 0.0),
        (check_share, 1.01),
        (check_share, math.nan),
        (check_count, 0),
        (check_count, 2.5),
        (check_count, math.nan),
        (check_count, math.inf),
        (check_weight, -0.1),
        (check_weight, math.inf),
        (check_weight, math.nan),
        (check_positive, 0.0),
        (check_positive, math.inf),
        (check_positive, math.nan),
    ],
)
def test_values_out_of_range_are_named(check: Callable[[str, float], None], value: float) -> None:
    with pytest.raises(ConfigError, match=f"^window must .* found {value}. Choose"):
        check("window", value)


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (check_share, 1),
        (check_share, 0.001),
        (check_count, 1),
        (check_count, 2.0),
        (check_weight, 0),
        (check_positive, 1e-9),
    ],
)
def test_values_at_the_edge_are_in_range(check: Callable[[str, float], None], value: float) -> None:
    check("window", value)

"""How often chance alone gives such a difference (Fisher's paired randomisation), and what is left of it among many rows.

They know no metric. In information retrieval the test agrees with others that are sound (Smucker et al., CIKM 2007).
"""

from collections.abc import Mapping

import numpy as np

from penchant.records.errors import DataError

_CHUNK = 1 << 21  # signs held at once: 8 MiB


def sign_flip_p(differences: np.ndarray, num_flips: int = 9999, seed: int = 0) -> float:
    """Two-sided p of one difference per person, float (C,): were both systems alike, each sign could as well be the other.

    At least 1 / (num_flips + 1), the share of the difference itself.

    Raises: DataError without a difference.

    >>> sign_flip_p(np.zeros(4)), sign_flip_p(np.full(40, 0.5), num_flips=99)
    (1.0, 0.01)
    """
    if not len(differences):
        raise DataError("A test needs at least one case, but there is none.")
    some = differences[differences != 0].astype(np.float32)  # a 0 stays 0 under either sign
    found = abs(float(some.sum())) * (1 - 1e-5)  # sums in another order differ in the last digits
    rng = np.random.default_rng(seed)
    step, reached = max(1, _CHUNK // max(1, len(some))), 0
    for start in range(0, num_flips, step):
        signs = rng.integers(0, 2, (min(step, num_flips - start), len(some)), dtype=np.int8)
        sums = 2 * (signs.astype(np.float32) @ some) - some.sum()
        reached += int((np.abs(sums) >= found).sum())
    return (1 + reached) / (1 + num_flips)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """The p that each of many tests keeps when none of them may be wrong by chance (Holm 1979), at most 1.

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    ordered = sorted(p_values, key=p_values.__getitem__)
    kept, worst = {}, 0.0
    for place, name in enumerate(ordered):
        worst = max(worst, min(1.0, (len(ordered) - place) * p_values[name]))
        kept[name] = worst
    return {name: kept[name] for name in p_values}

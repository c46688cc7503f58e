"""What lists are like beside being right: variety, concentration, novelty, mix. It knows no scores and no model.

One value per person where there can be one (`significance.bootstrap_interval` has its interval); of coverage and Gini there
is one for all lists together, whose interval `grouped_interval` finds. A list with nothing to measure counts 0.
Legend: C people, k list length, I items, D width, T categories. `lists`: item rows int (C, k), -1 fills.
"""

from collections.abc import Callable

import numpy as np

from penchant.records.errors import DataError
from penchant.records.events import Histories

PULL = 0.01
"""How far a list's mix is pulled to the person's, so that a category it lacks does not cost infinitely much."""


def intra_list_distance(lists: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Mean of 1 - cosine over the pairs of a list, float64 (C,), 0 to 2 (Ziegler et al. 2005). vectors: (I, D).

    A row of zeros is at distance 1 from everything.

    >>> vectors = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 0.0]])
    >>> intra_list_distance(np.array([[0, 2, -1], [0, 1, 2]]), vectors).round(4).tolist()
    [0.0, 0.6667]
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = vectors / np.where(lengths > 0, lengths, 1)
    there = lists >= 0
    own = units[np.where(there, lists, 0)] * there[:, :, None]
    # The cosines of all pairs add up to |sum of vectors|^2 - the sum of |vector|^2, halved.
    cosines = ((own.sum(axis=1) ** 2).sum(axis=1) - (own**2).sum(axis=(1, 2))) / 2
    count = there.sum(axis=1)
    pairs = count * (count - 1) / 2
    return np.where(pairs > 0, (pairs - cosines) / np.maximum(pairs, 1), 0.0)


def exposure_gini(lists: np.ndarray, num_items: int) -> float:
    """How unequally places are shared out among all I items: 0 for all alike, towards 1 for one item alone.

    >>> exposure_gini(np.array([[0, 1], [2, 3]]), 4), exposure_gini(np.array([[0], [0]]), 4)
    (0.0, 0.75)
    """
    places = np.sort(np.bincount(lists[lists >= 0], minlength=num_items))
    if not places.sum():
        return 0.0
    return float(((2 * np.arange(1, num_items + 1) - num_items - 1) * places).sum() / (num_items * places.sum()))


def novelty(lists: np.ndarray, num_events: np.ndarray, num_users: int) -> np.ndarray:
    """Mean self-information of a list in bits, float64 (C,), at least 0 (Zhou et al. 2010).

    num_events: (I,), how many of `num_users` people have met each item; both count one more, so that no item is infinitely new.

    >>> novelty(np.array([[0, 1]]), np.array([7, 1]), num_users=7).tolist()
    [1.0]
    """
    return _mean(lists, -np.log2(np.minimum((num_events + 1) / (num_users + 1), 1)))


def share(lists: np.ndarray, item_mask: np.ndarray) -> np.ndarray:
    """Share of a list that is under a mask, such as `long_tail` or fresh items; float64 (C,), 0 to 1.

    >>> share(np.array([[0, 1, -1]]), np.array([True, False])).tolist()
    [0.5]
    """
    return _mean(lists, item_mask.astype(np.float64))


def long_tail(num_events: np.ndarray, head: float = 0.2) -> np.ndarray:
    """bool (I,): all but the `head` most popular share of the items; of equals the earlier rows are the head.

    >>> long_tail(np.array([5, 9, 1, 1, 1])).tolist()
    [True, False, True, True, True]
    """
    tail = np.ones(len(num_events), bool)
    tail[np.argsort(-num_events, kind="stable")[: round(head * len(num_events))]] = False
    return tail


def category_shares(categories: np.ndarray) -> np.ndarray:
    """Each item's categories in shares that sum to 1, float64 (I, T); 0 for an item without any.

    Raises: DataError for anything but a matrix of finite numbers of at least 0.

    >>> category_shares(np.array([[1, 1, 0], [0, 0, 0]])).tolist()
    [[0.5, 0.5, 0.0], [0.0, 0.0, 0.0]]
    """
    if categories.ndim != 2 or not (np.isfinite(categories) & (categories >= 0)).all():
        raise DataError("Categories are a matrix (I, T) of finite numbers of at least 0. Give 0 or 1 for each.")
    totals = categories.sum(axis=1, keepdims=True, dtype=np.float64)
    return np.asarray(categories / np.where(totals > 0, totals, 1))


def category_mixes(histories: Histories, categories: np.ndarray) -> np.ndarray:
    """What share of a history each category has, float64 (C, T): rows sum to 1, or are 0 where nothing tells.

    An event counts once, whatever its kind, in equal shares of its item's categories (Steck 2018, without weights).
    """
    shares = category_shares(categories)
    inside = (histories.item_rows >= 0) & (histories.item_rows < len(shares))
    sums = np.zeros((len(histories), shares.shape[1]))
    np.add.at(sums, histories.owners[inside], shares[histories.item_rows[inside]])
    return category_shares(sums)


def divergence_from_mix(lists: np.ndarray, categories: np.ndarray, mixes: np.ndarray) -> np.ndarray:
    """KL(person's mix || list's mix) in nats, float64 (C,), at least 0; 0 is the person's own mix (Steck 2018).

    The list's mix is pulled to the person's by `PULL`, so that log(1 / PULL) is the most. mixes: (C, T), see `category_mixes`.

    >>> divergence_from_mix(np.array([[0, 1]]), np.eye(2), np.array([[0.5, 0.5]])).tolist()
    [0.0]
    """
    there = lists >= 0
    own = category_shares(categories)[np.where(there, lists, 0)] * there[:, :, None]
    found = (1 - PULL) * category_shares(own.sum(axis=1)) + PULL * mixes
    wanted = np.where(mixes > 0, mixes, 1)
    return np.maximum((mixes * np.log(wanted / np.where(mixes > 0, found, 1))).sum(axis=1), 0)


def grouped_interval(
    statistic: Callable[[np.ndarray], float], lists: np.ndarray, num_groups: int = 100, seed: int = 0
) -> tuple[float, float]:
    """`low, high` of a statistic of all lists together, 95%: delete-a-group jackknife over people (Kott 2001).

    No bootstrap: a resample draws some people twice and others never, so that it covers less than the people do.
    Raises: DataError for fewer than two lists.
    """
    if len(lists) < 2:
        raise DataError(f"An interval needs the lists of at least two people, found {len(lists)}. Leave it out.")
    num_groups = min(num_groups, len(lists))
    groups = np.random.default_rng(seed).permutation(len(lists)) % num_groups
    without = np.array([statistic(lists[groups != group]) for group in range(num_groups)])
    deviation = np.sqrt((num_groups - 1) * np.mean((without - without.mean()) ** 2))
    value = statistic(lists)
    return float(value - 1.96 * deviation), float(value + 1.96 * deviation)


def _mean(lists: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mean of one value per item over each list, float64 (C,); 0 of an empty list."""
    there = lists >= 0
    own = np.where(there, values[np.where(there, lists, 0)], 0.0)
    return np.asarray(own.sum(axis=1) / np.maximum(there.sum(axis=1), 1))

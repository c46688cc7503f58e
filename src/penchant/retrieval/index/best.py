"""The k largest of each line of a matrix of scores: equal ones by column, so that lists never depend on chance."""

import numpy as np

GROUP = 64


def best(scores: np.ndarray, k: int, columns: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Columns and scores of the k largest, int64 and float32 (B, k), best first; scores float32 (B, N), without NaN.

    columns: what the columns are called, int64 (N,) or (B, N), ascending where the order of equal scores matters.
    What is -inf is not found; -1 and -inf fill a line that is shorter than k.

    >>> best(np.array([[1, 3, -np.inf, 3]], np.float32), 4)[0].tolist()
    [[1, 3, 0, -1]]
    """
    num_lines = len(scores)
    rows = np.full((num_lines, k), -1)
    values = np.full((num_lines, k), -np.inf, np.float32)
    line, column = np.divmod(np.flatnonzero(scores >= _bar(scores, k)), scores.shape[1])
    value = scores[line, column]
    if columns is not None:
        column = columns[column] if columns.ndim == 1 else columns[line, column]
    order = np.lexsort((column, -value, line))
    place = np.arange(len(line)) - np.searchsorted(line, line)  # `line` ascends, before and after
    taken = (place < k) & (value[order] > -np.inf)
    order, where = order[taken], (line[taken], place[taken])
    rows[where], values[where] = column[order], value[order]
    return rows, values


def _bar(scores: np.ndarray, k: int) -> np.ndarray:
    """A score (B, 1) that the k largest of each line reach, and few others.

    It is the k-th largest of the maxima of groups of columns: k groups have a member that high.
    """
    num_columns = scores.shape[1]
    if num_columns <= k:
        return np.full((len(scores), 1), -np.inf, np.float32)
    size = max(1, min(GROUP, num_columns // (8 * k)))
    count = num_columns // size
    maxima = scores[:, : size * count].reshape(len(scores), size, count).max(axis=1)
    return np.partition(maxima, count - k, axis=1)[:, count - k, None]

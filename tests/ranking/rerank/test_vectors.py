import numpy as np
import pytest

from penchant.ranking.rerank.vectors import unit_vectors
from penchant.records.errors import DataError


def test_rows_have_length_one_or_none() -> None:
    units = unit_vectors(np.array([[2.0, 0.0], [0.0, 0.0], [1e-20, 1e-20]]))
    assert units.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(units, axis=1), [1, 0, 1], atol=1e-6)


@pytest.mark.parametrize(
    ("vectors", "message"), [(np.zeros(3), r"found shape \(3,\)\."), (np.array([[np.nan]]), "that are not finite")]
)
def test_what_is_no_matrix_of_numbers_is_refused(vectors: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match=message):
        unit_vectors(vectors)

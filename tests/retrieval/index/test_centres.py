import numpy as np

from penchant.retrieval.index.centres import fit_centres, nearest


def test_bunches_far_apart_get_a_centre_each() -> None:
    random = np.random.default_rng(0)
    middles = np.array([[0, 0], [10, 0], [0, 10]], np.float32)
    vectors = np.repeat(middles, 50, axis=0) + 0.1 * random.standard_normal((150, 2)).astype(np.float32)
    centres = fit_centres(vectors, 3)
    order = nearest(middles, centres)
    assert sorted(order) == [0, 1, 2]
    np.testing.assert_allclose(centres[order], vectors.reshape(3, 50, 2).mean(axis=1), atol=0.05)  # of a sample


def test_the_nearest_is_by_distance_and_the_first_of_equal_ones() -> None:
    centres = np.array([[1, 0], [3, 0], [1, 0]], np.float32)
    assert nearest(np.array([[1.9, 0], [2.1, 5], [0, 0]], np.float32), centres).tolist() == [0, 1, 0]


def test_equal_vectors_leave_centres_without_any() -> None:
    vectors = np.ones((40, 3), np.float32)
    assert fit_centres(vectors, 5).tolist() == [[1.0, 1.0, 1.0]] * 5
    assert nearest(vectors, np.ones((5, 3), np.float32)).tolist() == [0] * 40


def test_a_seed_gives_the_same_centres_and_another_gives_others() -> None:
    vectors = np.random.default_rng(0).standard_normal((500, 8)).astype(np.float32)
    np.testing.assert_array_equal(fit_centres(vectors, 20, seed=1), fit_centres(vectors, 20, seed=1))
    assert not np.array_equal(fit_centres(vectors, 20, seed=1), fit_centres(vectors, 20, seed=2))

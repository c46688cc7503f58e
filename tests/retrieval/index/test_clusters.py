import numpy as np
import pytest

from contracts.index_contract import IndexContract, asked, brute_force, clustered, recall
from penchant.records.errors import ConfigError
from penchant.retrieval.index import clusters
from penchant.retrieval.index.clusters import ClusterIndex


def loose(num_rows: int, width: int) -> np.ndarray:
    """Vectors without any bunches, of very different lengths: the hardest to find."""
    random = np.random.default_rng(0)
    lengths = random.lognormal(sigma=0.5, size=(num_rows, 1))
    return (lengths * random.standard_normal((num_rows, width))).astype(np.float32)


class TestClusterIndex(IndexContract):
    index_class = ClusterIndex
    least = 0.95

    def test_more_is_looked_at_where_more_is_to_be_found(self) -> None:
        vectors = loose(4000, 24)
        few, many = (ClusterIndex.build(vectors, recall=share) for share in (0.5, 0.97))
        assert few.settings["probes"] < many.settings["probes"] < len(many.arrays["centres"])
        queries = asked(vectors, 200)
        found = [recall(index.search(queries, 10)[0], brute_force(vectors, queries, 10)) for index in (few, many)]
        assert found[0] < found[1] - 0.05
        assert found[1] > 0.95

    def test_a_share_out_of_its_range_is_refused(self) -> None:
        for share in (0.0, 1.1):
            with pytest.raises(ConfigError, match=f"share above 0, up to 1, found {share}"):
                ClusterIndex.build(clustered(20, 4), recall=share)

    def test_a_seed_gives_other_clusters(self) -> None:
        vectors = clustered(500, 8)
        first, second = (ClusterIndex.build(vectors, seed=seed).arrays["centres"] for seed in (0, 1))
        assert not np.array_equal(first, second)

    def test_directions_count_where_they_need_fewer_clusters(self) -> None:
        """Bunches of which several share a centre make it short; lengths that mean something are left alone."""
        random = np.random.default_rng(0)
        middles = np.repeat(random.standard_normal((1000, 64)), 4, axis=0)  # four times as many as there are clusters
        small = middles + 0.3 * random.standard_normal(middles.shape)
        bunches = ClusterIndex.build(small / np.linalg.norm(small, axis=1, keepdims=True))
        assert not (bunches.arrays["weights"] == 1).all()
        rays = np.repeat(np.eye(8, dtype=np.float32), 100, axis=0) * random.lognormal(size=(800, 1)).astype(np.float32)
        assert (ClusterIndex.build(rays).arrays["weights"] == 1).all()

    def test_what_comes_later_waits_and_is_sorted_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clusters, "FEWEST_FRESH", 50)
        vectors = clustered(1000, 8)
        index = ClusterIndex.build(vectors[:900])
        index.add(vectors[900:940])
        assert len(index.arrays["fresh"]) == 40
        index.replace(np.arange(5), vectors[:5])
        assert len(index.arrays["fresh"]) == 45
        assert (index.arrays["rows"] < 0).sum() == 5
        index.add(vectors[940:])
        assert len(index.arrays["fresh"]) == 0
        assert sorted(index.arrays["rows"]) == list(range(1000))
        assert index.settings["changed"] == 105
        np.testing.assert_array_equal(
            index.search(vectors, 1)[0][:, 0], ClusterIndex.build(vectors).search(vectors, 1)[0][:, 0]
        )

    def test_clusters_are_fitted_anew_when_much_has_changed(self) -> None:
        index = ClusterIndex.build(clustered(3000, 8))
        before = index.arrays["centres"]
        index.replace(np.arange(1000), clustered(1000, 8, seed=3))
        assert index.settings["changed"] == 0
        assert not np.array_equal(before, index.arrays["centres"])

    def test_little_that_is_allowed_is_looked_at_whole(self, monkeypatch: pytest.MonkeyPatch) -> None:
        vectors = loose(4000, 24)
        index = ClusterIndex.build(vectors, recall=0.1)
        allowed = np.random.default_rng(0).random(4000) < 0.02
        queries = asked(vectors)
        np.testing.assert_array_equal(index.search(queries, 5, allowed)[0], brute_force(vectors, queries, 5, allowed))
        monkeypatch.setattr(clusters, "LITTLE", 0.0)
        assert recall(index.search(queries, 5, allowed)[0], brute_force(vectors, queries, 5, allowed)) < 1

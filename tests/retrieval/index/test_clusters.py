from contracts.index_contract import IndexContract
from penchant.retrieval.index.clusters import ClusterIndex


class TestClusterIndex(IndexContract):
    index_class = ClusterIndex
    least = 0.95

"""A network from words: who folds the history, how tasks share, what is told of the items."""

from collections.abc import Sequence

from penchant.models.aggregators.aggregator import Aggregator
from penchant.models.aggregators.attention import Attention
from penchant.models.aggregators.gru import GRU
from penchant.models.aggregators.lstm import LSTM
from penchant.models.aggregators.mean import Mean
from penchant.models.aggregators.multi_interest import MultiInterest
from penchant.models.aggregators.recency import Recency
from penchant.models.aggregators.transformer import GatedTransformer
from penchant.models.heads import Head
from penchant.models.network import Catalogue, Network, NetworkConfig
from penchant.models.sharing.mmoe import MMoE
from penchant.models.sharing.ple import PLE
from penchant.models.sharing.separate import Separate
from penchant.models.sharing.shared_bottom import SharedBottom
from penchant.models.sharing.sharing import Sharing
from penchant.records.ranges import check_word

AGGREGATORS: dict[str, type[Aggregator]] = {
    "transformer": GatedTransformer,
    "mean": Mean,
    "recency": Recency,
    "attention": Attention,
    "gru": GRU,
    "lstm": LSTM,
    "multi-interest": MultiInterest,
}
SHARING: dict[str, type[Sharing]] = {"ple": PLE, "mmoe": MMoE, "shared-bottom": SharedBottom, "separate": Separate}


def build_network(config: NetworkConfig, heads: Sequence[Head], catalogue: Catalogue) -> Network:
    """Raises: ConfigError for an unknown aggregator or sharing, or sizes that don't fit each other."""
    check_word("sharing", config.sharing, SHARING)
    return Network(config, heads, catalogue, make_trunk(config), SHARING[config.sharing])


def make_trunk(config: NetworkConfig) -> Aggregator:
    """Who folds the history. Raises: ConfigError for an unknown aggregator, or sizes that don't fit each other."""
    check_word("aggregator", config.aggregator, AGGREGATORS)
    return AGGREGATORS[config.aggregator](
        embedding_size=config.embedding_size,
        num_blocks=config.num_blocks,
        num_heads=config.num_heads,
        dropout=config.dropout,
        max_length=config.max_length,
    )

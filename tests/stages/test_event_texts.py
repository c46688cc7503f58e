"""A person's own review enters what is known of them afterwards, and never what is asked about the very event."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch

from penchant.data.read import read
from penchant.data.split import global_time, leave_last_out
from penchant.models.item_tower import Content
from penchant.models.network import Catalogue, NetworkConfig
from penchant.models.trends import Trends
from penchant.ranking.network_source import NetworkSource
from penchant.records.events import Events
from penchant.stages.build import build_network
from penchant.stages.encode import Encoded, encode
from penchant.stages.protocols import make_cases
from penchant.tasks.tables import ask_events
from penchant.training.batches import Table, TrainingSet

SPLITS = {"global-time": global_time, "leave-last-out": leave_last_out}


@pytest.fixture(scope="module")
def shop() -> Encoded:
    """30 people, six reviews each, one of which comes without a text, and one search."""
    rng = np.random.default_rng(0)
    rows = []
    for user in range(30):
        for step in range(7):
            kind, item = ("search", None) if step == 3 else ("review", f"i{rng.integers(12)}")
            text = None if step == 4 else f"words {user} {step} of this person"
            rows.append(
                (f"u{user}", item, 1_600_000_000 + 100_000 * step + 1000 * user, float(1 + step % 5), kind, text)
            )
    names = ["user_id", "item_id", "timestamp", "rating", "kind", "text"]
    return encode(read(pl.DataFrame(rows, schema=names, orient="row")), "hashing")


def make_source(shop: Encoded, events: Events) -> NetworkSource:
    """A network with random weights that lets texts through, as a trained one may."""
    torch.manual_seed(0)
    num_items = len(shop.items)
    config = NetworkConfig(embedding_size=16, num_blocks=1, dropout=0.0)
    catalogue = Catalogue(
        content=Content.of(shop.item_vectors),
        counts=np.ones(num_items),
        trends=Trends.fit(events, num_items),
        domains=shop.item_domains,
    )
    network = build_network(config, [], catalogue)
    with torch.no_grad():
        network.text_gate.fill_(1.0)
    return NetworkSource(network.eval(), {}, (1.0, 5.0))


def text_vectors(shop: Encoded) -> np.ndarray:
    assert shop.text_vectors is not None
    return shop.text_vectors


def test_in_training_a_text_is_seen_by_later_positions_alone(shop: Encoded) -> None:
    source = make_source(shop, shop.events)
    num_items, vectors = len(shop.items), torch.from_numpy(text_vectors(shop))
    trends = Trends.fit(shop.events, num_items)
    asked = ask_events(shop.events)
    labels = {"next_item": asked.events.item_rows.astype(np.float32)[:, None]}
    table = Table(asked=asked, labels=labels, rates={"next_item": 1.0})
    rows = TrainingSet(shop.events, len(shop.users), {"events": table}, (1.0, 5.0), trends)
    event = 2 * 7 + 2  # the third of the third person
    assert rows.events.text_rows[event] >= 0
    epoch = rows.epoch(7, 10_000, 0, 0)
    (spans,), (sequences,) = epoch.plan, (batch.sequences for batch in epoch)
    assert sequences is not None
    changed = vectors.clone()
    changed[rows.events.text_rows[event]] += 1
    with torch.inference_mode():
        items = source.network.item_table()
        before, after = (source.network.states(sequences, items, given) for given in (vectors, changed))
    felt = ((before - after).abs().sum(dim=2) > 1e-5)[
        np.argsort(spans[:, 0])
    ].flatten()  # nobody's is shorter: no padding
    asked = np.arange(len(rows))  # position p of all is asked about event p
    later = (rows.events.user_rows == rows.events.user_rows[event]) & (asked > event)
    assert felt.tolist() == later.tolist()


@pytest.mark.parametrize("protocol", list(SPLITS))
def test_in_the_report_no_text_of_a_target_is_in_any_history(shop: Encoded, protocol: str) -> None:
    split = SPLITS[protocol](shop.events)
    cases = make_cases(shop, protocol, split.train | split.valid, split.test)
    told = set(cases.histories.text_rows.tolist()) - {-1}
    targets = set(shop.events.text_rows[split.test].tolist()) - {-1}
    assert told
    assert targets
    assert not told & targets


@pytest.mark.parametrize("protocol", list(SPLITS))
def test_scores_do_not_depend_on_texts_of_targets_but_on_earlier_ones(shop: Encoded, protocol: str) -> None:
    split = SPLITS[protocol](shop.events)
    known = split.train | split.valid
    source = make_source(shop, shop.events.take(known))

    def scores(changed: np.ndarray) -> np.ndarray:
        vectors = text_vectors(shop).copy()
        vectors[shop.events.text_rows[changed & (shop.events.text_rows >= 0)]] += 1
        return source.score(make_cases(replace(shop, text_vectors=vectors), protocol, known, split.test).histories)

    nothing = scores(np.zeros(len(shop.events), bool))
    np.testing.assert_array_equal(scores(split.test), nothing)
    assert np.abs(scores(known) - nothing).max() > 1e-3

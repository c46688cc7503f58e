"""Is it worth learning domains together? Each domain is asked in four ways, on the same people and cases.

together: the model of all domains, told whole histories; alone: the same settings and seed, learned from that domain only,
its catalogue and its events; hidden: the model of all, the other domains' events left out of histories when it is asked;
swapped: the model of all, each of those events in the place of somebody else's. Hidden, histories also look unlike those that
were learned from; only swapped tells what is in the other domains' events.
Ranked are the items of the domain. Models are fitted on train and chosen on valid, none is fitted anew. Histories hold all that
came before the window or, where times are only an order, before the event that is asked: the other domains' last events too.
Legend: N events, C cases, S seeds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from penchant.data.split import Split, global_time, leave_last_out
from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import Score, only, rank_cases
from penchant.evaluation.significance import bootstrap_interval
from penchant.evaluation.slices import history_groups, user_groups
from penchant.records.errors import ConfigError, DataError
from penchant.retrieval.source import CandidateSource
from penchant.stages.candidates import fit_sources
from penchant.stages.config import Config
from penchant.stages.encode import Encoded
from penchant.stages.evaluate import ALONE as NETWORK
from penchant.stages.evaluate import OURS
from penchant.stages.fitting import fit_network, make_tasks, validation_scores
from penchant.stages.fusing import fuse, time_scale
from penchant.stages.protocols import make_cases
from penchant.tasks.task import Task
from penchant.training.callbacks import Callback
from penchant.training.settings import FROZEN

TOGETHER, ALONE, HIDDEN, SWAPPED = WAYS = ("together", "alone", "hidden", "swapped")
ROWS = (OURS, NETWORK)
UNDECIDED = "not shown to differ"
Found = dict[tuple[str, str, str], list[np.ndarray]]
"""By domain, row and way: NDCG of each case, float64 (C,), one for each seed."""


def domain_twins(
    encoded: Encoded,
    config: Config,
    tasks: Sequence[str | Task] | None = None,
    *,
    seeds: Sequence[int] = (0, 1, 2),
    k: int = 10,
    callbacks: Sequence[Callback] = (),
) -> dict[str, Any]:
    """`rows`: NDCG@k of every domain, row, group and way; `differences`: together minus the others, with a verdict.

    By global time where there is a clock, else everybody's last event in each domain. Means over seeds; intervals resample
    people. A difference is better or worse where its interval leaves 0 out and every seed agrees. tasks: of every model.
    Raises: DataError without two domains or anybody to ask, ConfigError without different seeds, or with fine_tune.
    """
    if len(encoded.domain_names) < 2:
        found_names = [name for name in encoded.domain_names if name] or "none"
        raise DataError(
            f"Domains are compared where there are two or more, found {found_names}. Give items or events a column `domain`."
        )
    if not seeds or len(set(seeds)) < len(seeds):
        raise ConfigError(f"Seeds differ, and there is at least one, found {list(seeds)}. Three show what chance does.")
    if config.training.fine_tune != FROZEN:
        raise ConfigError(
            f"Domains are compared with texts that stay as they are read, not fine_tune={config.training.fine_tune}."
        )
    whole = _Side.of(encoded, split_within(encoded))
    questions = [question for place in range(len(encoded.domain_names)) if (question := _Question.of(whole, place))]
    if not questions:
        raise DataError("Nobody has an event in the test part of any domain. More events are needed.")
    found: Found = {key: [] for key in product((question.name for question in questions), ROWS, WAYS)}
    for seed in seeds:
        seeded = replace(config, training=replace(config.training, seed=seed))
        ours = whole.fit(seeded, tasks, callbacks)
        for question in questions:
            alone = question.alone.fit(seeded, tasks, callbacks)
            for row in ROWS:
                within = only(ours[row], question.inside)
                for way, score, cases in (
                    (TOGETHER, within, question.cases),
                    (ALONE, alone[row], question.of_alone),
                    (HIDDEN, within, question.hidden),
                    (SWAPPED, within, question.swapped(seed)),
                ):
                    found[question.name, row, way].append(rank_cases(score, cases, k).ndcg)
    told = [told for question in questions for told in _told(question, found)]
    rows, differences = ([record for part in parts for record in part] for parts in zip(*told, strict=True))
    protocol = _protocol(encoded)
    return {"protocol": protocol, "k": k, "seeds": list(seeds), "rows": rows, "differences": differences}


def split_within(encoded: Encoded) -> Split:
    """By global time; without a clock everybody's last event of each domain is the test, the one before it valid."""
    if encoded.data.has_clock:
        return global_time(encoded.events)
    test, valid = np.zeros((2, len(encoded.events)), bool)
    for place in range(len(encoded.domain_names)):
        rows = np.flatnonzero(_of_domain(encoded, place) & (encoded.events.item_rows >= 0))
        own = leave_last_out(encoded.events.take(rows))
        test[rows], valid[rows] = own.test, own.valid
    return Split(train=~(test | valid), valid=valid, test=test)


def alone_in(encoded: Encoded, place: int) -> Encoded:
    """The tables of learning as they are without the other domains; people keep their rows, and `data` stays whole."""
    inside, kept = encoded.item_domains == place, _of_domain(encoded, place)
    numbers = np.append(np.cumsum(inside) - 1, -1)  # of no item: -1
    events, facts = encoded.events.take(kept), encoded.facts
    return replace(
        encoded,
        items=type(encoded.items)(encoded.items.ids(np.flatnonzero(inside))),
        events=replace(events, item_rows=numbers[events.item_rows].astype(np.int32)),
        item_vectors=encoded.item_vectors[inside],
        facts=facts.of_items(inside),
        item_numbers=encoded.item_numbers.take(inside),
        item_domains=np.zeros(int(inside.sum()), np.int64),
        domain_names=[encoded.domain_names[place]],
        parts=None if encoded.parts is None else encoded.parts[kept],
    )


def _of_domain(encoded: Encoded, place: int) -> np.ndarray:
    """bool (N,): events with an item of the domain, or with none."""
    rows = encoded.events.item_rows
    return np.asarray((rows < 0) | (encoded.item_domains[rows] == place))


@dataclass(frozen=True, kw_only=True)
class _Side:
    """What one model learns from: all domains, or one. Sources have no seed, so they are fitted once."""

    encoded: Encoded
    split: Split
    valid: Cases
    sources: dict[str, CandidateSource]

    @classmethod
    def of(cls, encoded: Encoded, split: Split) -> "_Side":
        sources = fit_sources(encoded.events.take(split.train), encoded)
        known = split.train if encoded.data.has_clock else ~split.test
        valid = _cases(encoded, split.train, split.valid, known)
        return cls(encoded=encoded, split=split, valid=valid, sources=sources)

    def fit(
        self, config: Config, tasks: Sequence[str | Task] | None, callbacks: Sequence[Callback]
    ) -> dict[str, Score]:
        """The rows: whole and network alone, learned on train and chosen on valid."""
        past, later = (self.encoded.events.take(part) for part in (self.split.train, self.split.valid))
        network = fit_network(
            past,
            self.encoded,
            make_tasks(tasks, self.encoded),
            config,
            validate=lambda source, fitted: validation_scores(source, fitted, past, later, self.valid, self.encoded),
            callbacks=callbacks,
        ).source
        fusion = fuse(self.sources, network, self.valid, time_scale(past))

        def fused(histories: Any) -> np.ndarray:
            scores = {name: source.score(histories) for name, source in self.sources.items()}
            return fusion.score(histories, {**scores, "network": network.score(histories)})

        return {OURS: fused, NETWORK: network.score}


@dataclass(frozen=True, kw_only=True)
class _Question:
    """One domain: the cases that seek something of it, with whole histories, with the others hidden, and as its own
    model numbers items. `inside`: bool (I,)."""

    name: str
    inside: np.ndarray
    cases: Cases
    hidden: Cases
    of_alone: Cases
    alone: _Side

    @classmethod
    def of(cls, whole: _Side, place: int) -> "_Question | None":
        """None where nobody is asked."""
        encoded, split = whole.encoded, whole.split
        own = _of_domain(encoded, place)
        told = ~split.test if encoded.data.has_clock else ~(split.test & own)
        cases, hidden = (_cases(encoded, split.train, split.test & own, known) for known in (told, told & own))
        if not len(cases):
            return None
        parts = Split(train=split.train[own], valid=split.valid[own], test=split.test[own])
        alone = _Side.of(alone_in(encoded, place), parts)
        of_alone = _cases(alone.encoded, parts.train, parts.test, told[own])
        assert (cases.user_rows == hidden.user_rows).all()
        assert (cases.user_rows == of_alone.user_rows).all()
        inside = encoded.item_domains == place
        assert (np.flatnonzero(inside)[of_alone.relevant_rows] == cases.relevant_rows).all()
        name = encoded.domain_names[place] or "no_domain"
        return cls(name=name, inside=inside, cases=cases, hidden=hidden, of_alone=of_alone, alone=alone)

    def swapped(self, seed: int) -> Cases:
        """The other domains' events of all cases in each other's places; times stay."""
        histories = self.cases.histories
        places = np.flatnonzero((histories.item_rows >= 0) & ~self.inside[histories.item_rows])
        order = np.arange(len(histories.item_rows))
        order[places] = np.random.default_rng(seed).permutation(places)
        moved = {name: getattr(histories, name)[order] for name in ("item_rows", "values", "kinds", "text_rows")}
        return replace(self.cases, histories=replace(histories, **moved))

    @property
    def groups(self) -> dict[str, np.ndarray]:
        """bool (C,) each: all, and by how much somebody had done in this domain."""
        lengths = {"no_history": user_groups(self.hidden)["no_history"], **history_groups(self.hidden)}
        return {"all": np.ones(len(self.cases), bool), **{name: rows for name, rows in lengths.items() if rows.any()}}


def _cases(encoded: Encoded, fitted: np.ndarray, target: np.ndarray, told: np.ndarray) -> Cases:
    return make_cases(encoded, _protocol(encoded), fitted, target, told)


def _protocol(encoded: Encoded) -> str:
    return "global-time" if encoded.data.has_clock else "leave-last-out"


def _told(question: _Question, found: Found) -> Iterator[tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """The records of a domain: for each row and group those of the ways, and of their differences."""
    for row, (group, rows) in product(ROWS, question.groups.items()):
        about = {"domain": question.name, "row": row, "group": group, "num_cases": int(rows.sum())}
        scores = {way: np.stack(found[question.name, row, way])[:, rows] for way in WAYS}
        ways = [{**about, "way": way, **_mean(values)} for way, values in scores.items()]
        yield ways, [{**about, "minus": way, **_difference(scores[TOGETHER] - scores[way])} for way in WAYS[1:]]


def _mean(values_SC: np.ndarray) -> dict[str, Any]:
    low, high = bootstrap_interval(values_SC.mean(axis=0))
    return {"value": float(values_SC.mean()), "low": low, "high": high, "by_seed": values_SC.mean(axis=1).tolist()}


def _difference(values_SC: np.ndarray) -> dict[str, Any]:
    found = _mean(values_SC)
    signs = np.sign(found["by_seed"])
    better, worse = found["low"] > 0 and (signs > 0).all(), found["high"] < 0 and (signs < 0).all()
    return {**found, "verdict": "better" if better else "worse" if worse else UNDECIDED}

"""What a request wants of its lists: words in, `Wishes` out. The only place where the two meet."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from penchant.ranking.formula import parse_formula
from penchant.ranking.wishes import Value, Wishes
from penchant.records.errors import ConfigError, DataError
from penchant.records.ranges import Range
from penchant.records.ranked import Ranked
from penchant.records.vocabulary import Vocabulary
from penchant.stages.item_facts import ItemFacts
from penchant.stages.rerankers import reranked
from penchant.stages.rules import RuleWords, make_caps, make_pins, make_rules, unblocked
from penchant.stages.steering import STRENGTH, Steering, steer_by

STRENGTHS = Range(above=0, most=100)
LENGTH = Range(least=1, whole=True)


def make_wishes(
    facts: ItemFacts,
    *,
    k: int = 10,
    exclude_seen: bool = True,
    candidates: Sequence[str] | None = None,
    domain: str | None = None,
    rerank: str | Sequence[str] | None = (),
    rules: Mapping[str, Any] | None = None,
    steer: str | None = None,
    strength: float | None = None,
    value: str | None = None,
    notes: list[str] | None = None,
    there: np.ndarray | None = None,
) -> Wishes:
    """See `Model.recommend`. there: bool (I + E,), what is not gone, None: everything is there.

    Raises: DataError for an item, domain, attribute or value that there is not, a request without phrases, or k below 1;
    ConfigError for unknown words, options out of their range, and rules that contradict each other.
    """
    if k not in LENGTH:
        raise DataError(f"k is the length of a list, {LENGTH}, found {k!r}.")
    for name, text in (("steer", steer), ("value", value)):
        if not isinstance(text, str | None):
            raise ConfigError(f"{name} is a text, found {text!r}. docs/lists.md shows what can be asked for.")
    steering = _steering(facts, steer, strength, notes)
    wanted = RuleWords.of({} if rules is None else rules)
    everything = facts.asking.rows_with(facts.new)
    names = everything.all
    k = min(k, len(names))
    masks = [
        there,
        None if candidates is None else _among(candidates, everything),
        None if domain is None else facts.asking.domains.mask(domain, facts.new.domains),
        unblocked(wanted.blocks, facts),
        None if steering is None else steering.allowed,
    ]
    given = [mask for mask in masks if mask is not None]
    allowed = np.logical_and.reduce(given) if given else None
    pins = make_pins(wanted.pins, everything, k)
    return Wishes(
        k=k,
        exclude_seen=exclude_seen,
        allowed=allowed,
        pull=None if steering is None else steering.pull,
        value=None if value is None else _value(value, facts),
        rules=make_rules(make_caps(wanted.caps, facts), pins, allowed, names),
        pinned=tuple(pins.values()),
        **reranked(rerank, facts, k),
    )


def shortage(ranked: Ranked) -> list[str]:
    """A sentence for each length of lists that end before k, where no rule of `Rules` tells why."""
    lengths = (ranked.item_rows >= 0).sum(axis=1)
    k = ranked.item_rows.shape[1]
    return [
        f"{length} of {k} places are filled: all else was met, or what was asked for leaves it out."
        for length in np.unique(lengths[lengths < k])
    ]


def _steering(
    facts: ItemFacts, request: str | None, strength: float | None, notes: list[str] | None
) -> Steering | None:
    if request is None:
        if strength is not None:
            raise ConfigError(f"A strength of {strength} is for a request in words. Give `steer` too.")
        return None
    if strength is not None:
        STRENGTHS.check("strength", strength, STRENGTH)
    found = steer_by(request, facts, STRENGTH if strength is None else strength)
    if notes is not None:
        notes.extend(found.notes)
    return found


def _value(text: str, facts: ItemFacts) -> Value:
    formula = parse_formula(text)
    formula.check(facts.recommender.valued_tasks)
    return Value(formula=formula, numbers={name: facts.attributes.numbers(name) for name in formula.item_names})


def _among(candidates: Sequence[str], items: Vocabulary) -> np.ndarray:
    if unknown := [name for name in candidates if name not in items]:
        raise DataError(f"Candidate {unknown[0]!r} is not in the catalogue. Pass it as a new item in `items`.")
    allowed = np.zeros(len(items), bool)
    allowed[items.rows(candidates)] = True
    return allowed

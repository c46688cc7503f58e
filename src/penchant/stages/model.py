"""The object behind `pn.fit` and `pn.load`: raw events and items in, recommendations out. Serving needs nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl

from penchant.data.frames import to_frame, to_polars
from penchant.ranking.explore.thompson import Thompson
from penchant.ranking.recommender import FusedRecommender
from penchant.records.data import FrameKind
from penchant.records.errors import DataError
from penchant.records.events import no_history
from penchant.stages.added_items import AddedItems
from penchant.stages.asking import NO_ITEMS, Asking, listed_ids
from penchant.stages.exploring import explored
from penchant.stages.folder import read_model, write_model
from penchant.stages.impressions import impressions
from penchant.stages.item_facts import ItemFacts
from penchant.stages.learner import Learner, lists_of
from penchant.stages.people import IMPRESSION, People
from penchant.stages.reader import TextReader
from penchant.stages.similar import SimilarItems
from penchant.stages.states import States
from penchant.stages.told import list_table, right_after, told
from penchant.stages.wanted import make_wishes, shortage


class Model:
    """A fitted recommender with the people that it knows. Everybody else is answered by the same path."""

    def __init__(
        self,
        *,
        recommender: FusedRecommender,
        items: pl.DataFrame,
        events: pl.DataFrame,
        reader: TextReader,
        about: dict[str, Any],
        frame: FrameKind,
    ) -> None:
        self.recommender = recommender
        self.items = items
        recommender.network.settle()
        self.reader = reader
        self.about = about
        self.frame: FrameKind = frame
        self.asking = Asking(items, reader, about["has_clock"], recommender.network.numbers)
        self.similar_items = SimilarItems(ItemFacts(recommender, self.asking, NO_ITEMS).text_knn, self.asking)
        self.added = AddedItems(self.asking)
        self.similar_items.there = self.added.there
        self.learner: Learner | None = None
        self.events = events
        self._titles = dict(zip(items["item_id"].to_list(), items["title"].to_list(), strict=True))

    @property
    def user_ids(self) -> Sequence[str]:
        """The known people."""
        return self.known.ids

    @property
    def events(self) -> pl.DataFrame:
        """What the known people did, in the order in which it was written down. Others may take its place."""
        return self.known.events

    @events.setter
    def events(self, events: pl.DataFrame) -> None:
        self.known = People(events)
        self.states = States(self.recommender, self.asking, self.known)

    def recommend(
        self,
        user_ids: str | Sequence[str] | None = None,
        history: list[dict[str, Any]] | None = None,
        items: Any = None,
        k: int = 10,
        exclude_seen: bool = True,
        candidates: Sequence[str] | None = None,
        domain: str | None = None,
        *,
        rerank: str | Sequence[str] | None = (),
        rules: Mapping[str, Any] | None = None,
        steer: str | None = None,
        strength: float | None = None,
        value: str | None = None,
        notes: list[str] | None = None,
        explore: str | None = None,
        seed: int | None = None,
    ) -> Any:
        """The k best items for each person: a table `user_id, item_id, score, rank` in the kind of frame that came in.

        user_ids: one id or many, known or not; default everybody known, or with `history` the one stranger whose raw
        events these are (dicts: item_id and/or text, kind, value). items: raw new items that join the catalogue.
        candidates: recommend only these ids. domain: recommend only items of this one, from the whole history.
        The rest is told in docs/lists.md. rerank: words such as "mmr:weight=0.3", in the order in which they look at the list.
        rules: {"caps": ..., "pins": ..., "blocks": ...}, see `RuleWords`. steer: a request in words, Chinese or English, such as
        "less violence, more slow science fiction"; strength: how far it moves the list, above 0. value: what an item is
        worth, such as "like^1 * rating^0.5". notes: a list that hears how a request was understood, and why a list is short.
        explore: "epsilon:share=0.1" or "thompson:scale=1" draws lists, and adds the column `propensity`, the chance of each item
        at its place (docs/exploration.md); seed: of the draw, None for another one at each request.

        Raises: DataError for an item, domain, attribute or value that there is not, or k below 1; ConfigError for unknown words,
        options out of their range, and rules that contradict each other.
        """
        ids = self._people(user_ids, history)
        new = self.added.with_those_of(self.asking.raw_items(items))
        facts = ItemFacts(self.recommender, self.asking, new, self.known.newest)
        wishes = make_wishes(
            facts,
            k=k,
            exclude_seen=exclude_seen,
            candidates=candidates,
            domain=domain,
            rerank=rerank,
            rules=rules,
            steer=steer,
            strength=strength,
            value=value,
            notes=notes,
            there=self.added.there(len(facts)),
        )
        wishes = explored(wishes, explore, facts, self.agent, seed)
        names = self.asking.names(new)
        asked = self.states.asked(ids, history, new)
        listed = self.recommender.ask(asked.histories, wishes, self.states.scores(asked))
        if notes is not None:
            notes.extend(dict.fromkeys(filter(None, listed.notes)) or shortage(listed.ranked))
        if listed.features is not None and self.learner is not None:
            self.learner.offer(ids, lists_of(names, listed.ranked.item_rows, listed.features))
        return to_frame(list_table(ids, names, listed.ranked), self.frame)

    def similar(
        self,
        item_ids: str | Sequence[str] | None = None,
        k: int = 10,
        *,
        texts: str | Sequence[str] | None = None,
        domain: str | None = None,
    ) -> Any:
        """The k items whose texts are nearest to those of items, or to `texts`: a table `asked, item_id, score, rank`.

        score: a cosine. domain: only items of this one. The item itself is left out; one without a text has no neighbours.
        Raises: DataError for an unknown item or domain, an empty text, k below 1, or unless one of the two is asked about.
        """
        if (item_ids is None) == (texts is None):
            raise DataError("Similar to what? Give item_ids, or texts, and not both.")
        if texts is not None:
            found = self.similar_items.to_texts([texts] if isinstance(texts, str) else list(texts), k, domain)
        else:
            found = self.similar_items.to_items(listed_ids(item_ids or ()), k, domain)
        return to_frame(found, self.frame)

    def predict(self, pairs: Any, history: list[dict[str, Any]] | None = None) -> Any:
        """One column per task that looks at pairs, in the user's own units: stars, hours, or a probability.

        pairs: a table with user_id and item_id; with `history` (raw events of a stranger) item_id alone is enough.
        Raises: DataError for an unknown item.
        """
        table, kind = to_polars(pairs)
        people, item_rows = self.asking.pairs(table, of_stranger=history is not None)
        values = self.values(people, item_rows, history)
        columns = {name: pl.Series(name, value) for name, value in values.items()}
        return to_frame(pl.DataFrame({**{column.name: column for column in table}, **columns}), kind)

    def values(
        self, people: Sequence[str | None], item_rows: np.ndarray, history: list[dict[str, Any]] | None = None
    ) -> dict[str, np.ndarray]:
        """What `predict` says of M people and items of the catalogue, float64 (M,) or (M, O) by task; None: the stranger."""
        ids = list(dict.fromkeys(people))
        place = {person: row for row, person in enumerate(ids)}
        asked = self.states.asked(ids, history)
        owners = np.array([place[person] for person in people], np.int64)
        return self.recommender.predict(asked.histories, owners, item_rows, asked.vectors)

    def people(self, user_ids: str | Sequence[str] | None = None, history: list[dict[str, Any]] | None = None) -> Any:
        """What the tasks that look at the person alone say right after the person's last event: a table `user_id, task, label,
        value`, with a tag or an interest as `label`, null where a task has one value (`return_gap`, in seconds).

        user_ids, history: as for `recommend`. Raises: ConfigError where the model has no such task.
        """
        ids = self._people(user_ids, history)
        histories = right_after(self.states.asked(ids, history).histories)
        values = self.recommender.people(histories)
        return to_frame(told("user_id", ids, values, self.about["columns"]), self.frame)

    def sources(
        self, user_ids: str | Sequence[str] | None = None, history: list[dict[str, Any]] | None = None
    ) -> list[dict[str, float]]:
        """How much each source of candidates counts in the list of each person: shares that sum to 1, by name."""
        asked = self.states.asked(self._people(user_ids, history), history)
        weights = self.recommender.fusion.source_weights(asked.histories)
        shares = (weights / weights.sum(axis=1, keepdims=True)).round(4).tolist()
        return [dict(zip(self.recommender.fusion.names, row, strict=True)) for row in shares]

    def read_texts(self, texts: Sequence[str]) -> Any:
        """What the tasks that read a text alone say of new ones: a table `text, task, label, value`, the likeliest first.

        Raises: ConfigError where the model has no such task.
        """
        values = self.recommender.texts(self.reader.read(list(texts)))
        return to_frame(told("text", list(texts), values, self.about["columns"]), self.frame)

    def observe(self, events: list[dict[str, Any]]) -> int:
        """Adds events of known or new people; the next answer takes them into account. Gives how many were added."""
        table = self.asking.raw_events(events)
        if table["user_id"].null_count():
            raise DataError("Every event needs a user_id. Add it, or give the events as `history`.")
        self.known.add(table)
        if self.learner is not None:
            self.learner.observe(table, self.recommender.network.scale)
        return len(table)

    def shown(self, lists: Any) -> int:
        """Logs what people were shown of what `recommend` answered, as events of the kind `impression`. Gives how many.

        Of lists that Thompson sampling drew it is learned what came of it: from the events that follow, and, of the rest, from
        the next list that the person is shown.
        Raises: DataError without user_id, item_id and rank, or for a rank or propensity out of its range.
        """
        table, _ = to_polars(lists)
        logged = self.asking.raw_events(impressions(table))
        self.known.add(logged)
        if self.learner is not None:
            self.learner.see(logged)
        return len(logged)

    def forget(self, user_id: str) -> int:
        """From now on a stranger: gives the number of events that are no more. What the model learned of them stays learned."""
        before = self.events
        self.events = before.filter(pl.col("user_id") != user_id)
        if self.learner is not None:
            self.learner.forget(user_id)
        return len(before) - len(self.events)

    def history(self, user_id: str, limit: int = 50) -> list[dict[str, Any]]:
        """What a person did, newest first."""
        own = self.known.of([user_id]).filter(pl.col("kind") != IMPRESSION).tail(limit).reverse()
        shown = own.select("item_id", "kind", "value", "timestamp", "text").to_dicts()
        return [{**event, "title": self.title(event["item_id"])} for event in shown]

    def item(self, item_id: str) -> dict[str, Any] | None:
        """What the catalogue says of an item, or what was said of it since; None of one that is unknown or gone."""
        row = int(self.asking.rows.rows([item_id])[0])
        told = self.added.told(item_id) or (None if row < 0 else self.items.row(row, named=True))
        if told is None or item_id in self.added.hidden:
            return None
        return {name: told.get(name) for name in ("item_id", "title", "tags", "description", "attributes")}

    def describe(self) -> dict[str, Any]:
        """Name, version, size, tasks, numbers; `domains` with the number of their items, where there are any."""
        domains = {"domains": self.asking.domains.counts} if self.asking.domains.known else {}
        return {**self.about, "num_users": len(self.user_ids), "num_items": len(self.items), **domains}

    def save(self, path: str | Path) -> None:
        """Writes the folders `model/` (enough for strangers and new items) and `state/` (the known people)."""
        write_model(Path(path), self.recommender, self.items, self.events, self.reader, self.about, self.learner)
        self.similar_items.save(Path(path) / "model" / "index")

    @classmethod
    def load(cls, path: str | Path, frame: FrameKind | None = None) -> Self:
        """What `save` wrote. Raises: ArtifactError when it is missing, damaged or of another version."""
        recommender, items, events, reader, about = read_model(Path(path))
        kind: FrameKind = frame or about["frame"]
        model = cls(recommender=recommender, items=items, events=events, reader=reader, about=about, frame=kind)
        model.similar_items.folder = Path(path) / "model" / "index"
        model.learner = Learner.load(Path(path) / "state")
        return model

    def agent(self) -> Thompson:
        """Who has learned from what was shown; it begins when somebody first asks for it."""
        if self.learner is None:
            self.learner = Learner.start(self.recommender.network.vectors(no_history(0))[1])
        return self.learner.thompson

    def title(self, item_id: str | None) -> str | None:
        """Of an item of the catalogue, or as it was told since; None where there is none."""
        told = None if item_id is None else self.added.told(item_id)
        return told.get("title") if told else self._titles.get(item_id)

    def _people(self, user_ids: str | Sequence[str] | None, history: list[dict[str, Any]] | None) -> list[str | None]:
        if history is not None:
            if user_ids is not None:
                raise DataError("`history` is a stranger's, `user_ids` are known people: give one of them, not both.")
            return [None]
        if user_ids is None:
            return list(self.user_ids)
        return listed_ids(user_ids)

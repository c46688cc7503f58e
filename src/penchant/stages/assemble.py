"""The object behind `pn.fit` and `pn.load`: raw events and items in, recommendations out. Serving needs nothing else."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl

import penchant
from penchant.data.frames import to_frame, to_polars
from penchant.data.leaks import check, leaks_in
from penchant.data.rows import to_events
from penchant.data.split import global_time, leave_last_out
from penchant.ranking.recommender import FusedRecommender
from penchant.records import words
from penchant.records.data import Data, FrameKind
from penchant.records.errors import DataError
from penchant.records.events import Events, Histories, histories_of
from penchant.records.ranked import mask_seen, top_k
from penchant.records.vocabulary import Vocabulary
from penchant.stages.config import Config, resolve_config
from penchant.stages.domains import Domains, with_streams
from penchant.stages.doubt import doubted
from penchant.stages.encode import Encoded, encode
from penchant.stages.encoders import AUTO
from penchant.stages.fitting import Choice, choose, make_tasks, refit
from penchant.stages.folder import read_model, write_model
from penchant.stages.protocols import make_cases
from penchant.stages.reader import TextReader
from penchant.stages.told import right_after, told
from penchant.tasks.task import Task
from penchant.text.cutting import Cutting
from penchant.text.normalise import Script
from penchant.training.callbacks import Callback


@dataclass(frozen=True, kw_only=True)
class _RawItems:
    """New items of a request. `vectors`: float32 (E, T); `domains`: int64 (E,), their places, -1 = unknown."""

    ids: list[str]
    vectors: np.ndarray | None = None
    domains: np.ndarray | None = None


NO_ITEMS = _RawItems(ids=[])


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
        self.events = events
        self.reader = reader
        self.about = about
        self.frame: FrameKind = frame
        self._rows = Vocabulary(items["item_id"].to_list())
        self._domains = Domains.of(items)
        self._titles = dict(zip(items["item_id"].to_list(), items["title"].to_list(), strict=True))

    @property
    def user_ids(self) -> Sequence[str]:
        """The known people."""
        return self.events["user_id"].unique(maintain_order=True).to_list()

    def recommend(
        self,
        user_ids: str | Sequence[str] | None = None,
        history: list[dict[str, Any]] | None = None,
        items: Any = None,
        k: int = 10,
        exclude_seen: bool = True,
        candidates: Sequence[str] | None = None,
        domain: str | None = None,
    ) -> Any:
        """The k best items for each person: a table `user_id, item_id, score, rank` in the kind of frame that came in.

        user_ids: one id or many, known or not; default everybody known, or with `history` the one stranger whose raw
        events these are (dicts: item_id and/or text, kind, value). items: raw new items that join the catalogue.
        candidates: recommend only these ids. domain: recommend only items of this one, from the whole history.
        Raises: DataError for an unknown candidate or domain, or k below 1.
        """
        if k < 1:
            raise DataError(f"k is the length of a list, at least 1, found {k}.")
        ids = self._people(user_ids, history)
        new = self._raw_items(items)
        histories = self._histories(ids, history, new)
        names = [*self._rows.all, *new.ids]
        scores = self.recommender.score_with_extra(histories)
        if exclude_seen:
            mask_seen(scores, histories)
        if candidates is not None:
            scores[:, ~self._allowed(candidates, names)] = -np.inf
        if domain is not None:
            scores[:, ~self._domains.mask(domain, new.domains)] = -np.inf
        ranked = top_k(scores, k)
        records = [
            {"user_id": person, "item_id": names[row], "score": float(score), "rank": place + 1}
            for person, rows, values in zip(ids, ranked.item_rows, ranked.scores, strict=True)
            for place, (row, score) in enumerate(zip(rows, values, strict=True))
            if row >= 0
        ]
        schema = {"user_id": pl.String, "item_id": pl.String, "score": pl.Float64, "rank": pl.Int64}
        return to_frame(pl.DataFrame(records, schema=schema), self.frame)

    def predict(self, pairs: Any, history: list[dict[str, Any]] | None = None) -> Any:
        """One column per task that looks at pairs, in the user's own units: stars, hours, or a probability.

        pairs: a table with user_id and item_id; with `history` (raw events of a stranger) item_id alone is enough.
        Raises: DataError for an unknown item.
        """
        table, kind = to_polars(pairs)
        if "item_id" not in table.columns or (history is None and "user_id" not in table.columns):
            raise DataError(f"`predict` needs the columns user_id and item_id, found {', '.join(table.columns)}.")
        item_rows = self._rows.rows(table["item_id"].cast(pl.String).to_list())
        if (item_rows < 0).any():
            unknown = table["item_id"].to_list()[int((item_rows < 0).argmax())]
            raise DataError(f"Item {unknown!r} is not in the catalogue. Use one of its ids.")
        people = [None] * len(table) if history is not None else table["user_id"].cast(pl.String).to_list()
        ids = list(dict.fromkeys(people))
        place = {person: row for row, person in enumerate(ids)}
        histories = self._histories(ids, history, NO_ITEMS)
        owners = np.array([place[person] for person in people], np.int64)
        values = self.recommender.predict(histories, owners, item_rows)
        columns = [pl.Series(name, value) for name, value in values.items()]
        return to_frame(table.with_columns(columns), kind)

    def people(self, user_ids: str | Sequence[str] | None = None, history: list[dict[str, Any]] | None = None) -> Any:
        """What the tasks that look at the person alone say right after the person's last event: a table `user_id, task, label,
        value`, with a tag or an interest as `label`, null where a task has one value (`return_gap`, in seconds).

        user_ids, history: as for `recommend`. Raises: ConfigError where the model has no such task.
        """
        ids = self._people(user_ids, history)
        histories = right_after(self._histories(ids, history, NO_ITEMS))
        values = self.recommender.people(histories)
        return to_frame(told("user_id", ids, values, self.about["columns"]), self.frame)

    def read_texts(self, texts: Sequence[str]) -> Any:
        """What the tasks that read a text alone say of new ones: a table `text, task, label, value`, the likeliest first.

        Raises: ConfigError where the model has no such task.
        """
        values = self.recommender.texts(self.reader.read(list(texts)))
        return to_frame(told("text", list(texts), values, self.about["columns"]), self.frame)

    def observe(self, events: list[dict[str, Any]]) -> int:
        """Adds events of known or new people; the next answer takes them into account. Gives how many were added."""
        table = self._raw_events(events)
        if table["user_id"].null_count():
            raise DataError("Every event needs a user_id. Add it, or give the events as `history`.")
        self.events = pl.concat([self.events, table])
        return len(table)

    def history(self, user_id: str, limit: int = 50) -> list[dict[str, Any]]:
        """What a person did, newest first."""
        own = self.events.filter(pl.col("user_id") == user_id).tail(limit).reverse()
        shown = own.select("item_id", "kind", "value", "timestamp", "text").to_dicts()
        return [{**event, "title": self._titles.get(event["item_id"])} for event in shown]

    def item(self, item_id: str) -> dict[str, Any] | None:
        """What the catalogue says of an item."""
        row = int(self._rows.rows([item_id])[0])
        shown = ("item_id", "title", "tags", "description", "attributes")
        return (
            None
            if row < 0
            else {name: value for name, value in self.items.row(row, named=True).items() if name in shown}
        )

    def describe(self) -> dict[str, Any]:
        """Name, version, size, tasks, numbers; `domains` with the number of their items, where there are any."""
        domains = {"domains": self._domains.counts} if self._domains.known else {}
        return {**self.about, "num_users": len(self.user_ids), "num_items": len(self.items), **domains}

    def save(self, path: str | Path) -> None:
        """Writes the folders `model/` (enough for strangers and new items) and `state/` (the known people)."""
        write_model(Path(path), self.recommender, self.items, self.events, self.reader, self.about)

    @classmethod
    def load(cls, path: str | Path, frame: FrameKind | None = None) -> Self:
        """What `save` wrote. Raises: ArtifactError when it is missing, damaged or of another version."""
        recommender, items, events, reader, about = read_model(Path(path))
        kind: FrameKind = frame or about["frame"]
        return cls(recommender=recommender, items=items, events=events, reader=reader, about=about, frame=kind)

    def _people(self, user_ids: str | Sequence[str] | None, history: list[dict[str, Any]] | None) -> list[str | None]:
        if history is not None:
            if user_ids is not None:
                raise DataError("`history` is a stranger's, `user_ids` are known people: give one of them, not both.")
            return [None]
        if user_ids is None:
            return list(self.user_ids)
        return [user_ids] if isinstance(user_ids, str) else list(user_ids)

    def _histories(self, ids: Sequence[str | None], history: list[dict[str, Any]] | None, new: _RawItems) -> Histories:
        """Histories of known people from their events, of a stranger from the raw ones, which may be about raw items."""
        people = Vocabulary(dict.fromkeys("stranger" if person is None else person for person in ids))
        if history is None:
            table = self.events.filter(pl.col("user_id").is_in(list(people.all)))
        else:
            table = self._raw_events(history).with_columns(pl.lit("stranger").alias("user_id"))
        events, texts = self._to_rows(table, people, new.ids)
        vectors = self.reader.read(texts) if texts else None
        now = int(self.events["timestamp"].max() or 0)  # type: ignore[arg-type]
        rows = people.rows(["stranger" if person is None else person for person in ids])
        histories = histories_of(events, rows, np.full(len(ids), now), len(people), vectors)
        told = replace(histories, extra_vectors=new.vectors, extra_domains=new.domains)
        return with_streams(told, self._domains.places)

    def _to_rows(self, table: pl.DataFrame, people: Vocabulary, new_ids: Sequence[str]) -> tuple[Events, list[str]]:
        data = Data(events=table, items=self.items, users=self.items, has_clock=True, rating_scale=None)
        events = to_events(data, people, Vocabulary([*self._rows.all, *new_ids]) if new_ids else self._rows)
        texts = [text for text in table["text"].to_list() if text]
        return events, texts if (events.text_rows >= 0).any() else []

    def _raw_events(self, events: list[dict[str, Any]]) -> pl.DataFrame:
        """Raw events in our columns; what has no time happened now, in the given order."""
        now = int(datetime.datetime.now(datetime.UTC).timestamp()) if self.about["has_clock"] else 2**31
        rows = []
        for event in events:
            unknown = set(event) - set(words.EVENT_COLUMNS)
            if unknown:
                raise DataError(
                    f"Unknown key {sorted(unknown)[0]!r} in an event. Known: {', '.join(words.EVENT_COLUMNS)}."
                )
            if not event.get("item_id") and not event.get("text"):
                raise DataError("An event needs an item_id or a text, found neither. Add one.")
            kind = "rate" if event.get("value") is not None else "view" if event.get("item_id") else "search"
            rows.append({"timestamp": now, "kind": kind, **event})
        try:
            return pl.DataFrame(rows, schema=words.EVENT_COLUMNS)
        except (TypeError, pl.exceptions.PolarsError) as error:
            raise DataError(
                f"An event holds a value of the wrong type ({error}). Ids and texts are strings."
            ) from error

    def _raw_items(self, items: Any) -> _RawItems:
        if items is None:
            return NO_ITEMS
        table, _ = to_polars(items)
        if "item_id" not in table.columns:
            raise DataError(f"New items need an item_id, found {', '.join(table.columns)}. Add the column.")
        rows = table.to_dicts()
        ids = [str(row["item_id"]) for row in rows]
        if known := next((name for name in ids if name in self._rows), None):
            raise DataError(f"The new item {known!r} is in the catalogue already. Leave it out of `items`.")
        domains = self._domains.raw_places([row.get("domain") for row in rows])
        return _RawItems(ids=ids, vectors=self.reader.read_items(rows), domains=domains)

    def _allowed(self, candidates: Sequence[str], names: Sequence[str]) -> np.ndarray:
        row_of = {name: row for row, name in enumerate(names)}
        unknown = [name for name in candidates if name not in row_of]
        if unknown:
            raise DataError(f"Candidate {unknown[0]!r} is not in the catalogue. Pass it as a new item in `items`.")
        allowed = np.zeros(len(names), bool)
        allowed[[row_of[name] for name in candidates]] = True
        return allowed


def fit(
    data: Data,
    tasks: Sequence[str | Task] | None = None,
    size: str = "small",
    seed: int = 0,
    *,
    encoder: str = AUTO,
    scrub: bool = True,
    join: str = "concat",
    script: Script = "keep",
    words: str | Path | None = None,
    stop_words: str | None = None,
    spam: bool | None = None,
    allow_leaks: bool = False,
    callbacks: Sequence[Callback] = (),
    **options: Any,
) -> Model:
    """Learns from every event of `data`: settings are chosen on a slice inside it, then everything is fitted anew.

    tasks: words of docs/tasks.md, or tasks of your own; default the usual ones that have labels. size: tiny or small.
    encoder: who reads the texts, by a word (docs/encoders.md); "auto" takes MiniLM for English and a multilingual model for
        all else.
    scrub: personal data is replaced before a model reads it.
    join: how the texts of an item become one vector: concat, mean or attention.
    script: keep, simplified or traditional: what Chinese is read in.
    words, stop_words: files of your own words, for encoders that are fitted to your texts; or "common" stop words.
    spam: whether events with signs of spam count for less; default where events have texts.
    allow_leaks: go on although the tables tell what will be asked.
    callbacks: yours; they hear of two trainings, "choose" and "refit" (docs/training.md).
    options: single settings, such as epochs or learning_rate; docs/training.md has them all.

    Raises: ConfigError for unknown words, DataError for data that cannot be learned from, LeakError for leaks.
    """
    config = resolve_config(size, seed, **options)
    check(leaks_in(data), allow_leaks=allow_leaks)
    cutting = Cutting.read(None if words is None else Path(words), stop_words)
    encoded = encode(doubted(data, spam), encoder, scrub, join, script=script, cutting=cutting)
    return fit_encoded(encoded, config, tasks, callbacks=callbacks)


def fit_encoded(
    encoded: Encoded,
    config: Config,
    tasks: Sequence[str | Task] | None = None,
    choice: Choice | None = None,
    callbacks: Sequence[Callback] = (),
    checkpoints: Path | None = None,
) -> Model:
    """`fit` on tables that are encoded already, with settings that were chosen already where there are any.

    checkpoints: a folder; what is found there is gone on from.
    """
    target = _held_out(encoded)
    chosen_tasks = make_tasks(tasks, encoded, encoded.events.take(~target) if choice is None else None)
    if choice is None:
        first = None if checkpoints is None else checkpoints / "choose"
        choice = _choose_inside(encoded, target, config, chosen_tasks, callbacks, first)
    second = None if checkpoints is None else checkpoints / "refit"
    fitted = refit(encoded.events, encoded, chosen_tasks, config, choice, callbacks, second)
    about = {
        "name": "penchant",
        "version": penchant.__version__,
        "size": config.size,
        "tasks": [task.name for task in chosen_tasks],
        "created_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "columns": {task.name: list(task.columns) for task in fitted.tasks if task.columns},
        "has_clock": encoded.data.has_clock,
        "frame": encoded.data.frame,
        "config": config.to_dict(),
    }
    return Model(
        recommender=fitted.recommender,
        items=encoded.data.items,
        events=encoded.data.events,
        reader=fitted.encoded.reader,
        about=about,
        frame=encoded.data.frame,
    )


def _held_out(encoded: Encoded) -> np.ndarray:
    """The newest tenth of the events, or everybody's last event where times are only an order; bool (N,)."""
    if encoded.data.has_clock:
        return global_time(encoded.events, (0.9, 0.1, 0.0)).valid
    return leave_last_out(encoded.events).test


def _choose_inside(
    encoded: Encoded,
    target: np.ndarray,
    config: Config,
    tasks: Sequence[Task],
    callbacks: Sequence[Callback],
    checkpoint: Path | None,
) -> Choice:
    """Choice on the events `target`, by those before them."""
    protocol = "global-time" if encoded.data.has_clock else "leave-last-out"
    cases = make_cases(encoded, protocol, ~target, target)
    if not len(cases):
        raise DataError(
            "Nobody has new items in the validation slice, so nothing can be chosen. More events are needed."
        )
    past, later = encoded.events.take(~target), encoded.events.take(target)
    return choose(past, later, cases, encoded, tasks, config, callbacks, checkpoint)[0]


def load(path: str | Path, frame: FrameKind | None = None) -> Model:
    """The model in a folder that `save` or `penchant train` wrote; `frame` overrides the kind of its answers."""
    return Model.load(path, frame)

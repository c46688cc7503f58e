"""The typed client of the server: a method for each route. Answers are those of `answers`, read and checked.

    with Client("http://127.0.0.1:8000", key="pn_...") as shop:
        shop.record([{"user_id": "u42", "item_id": "i7", "kind": "like"}])
        for place in shop.recommend("u42", k=5).items:
            print(place.rank, place.item_id, place.title)

Events get a key each, so they are kept once however often they are sent (docs/serving.md).
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypedDict, Unpack

from penchant.serving import answers
from penchant.serving.sending import Sender

Event = Mapping[str, Any]
"""`item_id`, `kind`, `value`, `text`, `timestamp`, and `user_id` where it isn't said otherwise; any of them may be missing."""


class Wanted(TypedDict, total=False):
    """What a list should be like; see `Model.recommend`."""

    items: Sequence[Mapping[str, Any]]
    k: int
    exclude_seen: bool
    candidates: Sequence[str]
    domain: str
    rerank: Sequence[str]
    rules: Mapping[str, Any]
    steer: str
    strength: float
    value: str
    explore: str
    seed: int


class Client(Sender):
    """One server, as one key sees it. Every method raises RefusedError where the server refuses."""

    def recommend(
        self, user_id: str | None = None, *, history: Sequence[Event] | None = None, **wanted: Unpack[Wanted]
    ) -> answers.Recommended:
        """A list for a known person, or for a stranger with this history; neither: for somebody of whom nothing is known."""
        body = _given(user_id=user_id, history=history, **wanted)
        return answers.Recommended(**self.send("POST", "/v1/recommend", body=body))

    def recommend_many(self, user_ids: Sequence[str], **wanted: Unpack[Wanted]) -> answers.RecommendedMany:
        """A list for each of up to 100 people."""
        body = _given(user_ids=list(user_ids), **wanted)
        return answers.RecommendedMany(**self.send("POST", "/v1/recommend/batch", body=body))

    def similar(self, item_id: str, k: int = 10, *, domain: str | None = None) -> answers.Neighbours:
        """The items whose texts are nearest to those of one."""
        query = {"k": k, "domain": domain}
        return answers.Neighbours(**self.send("GET", "/v1/items/{}/similar", item_id, query=query))

    def search(self, text: str, k: int = 10, *, domain: str | None = None) -> answers.Neighbours:
        """The items whose texts are nearest to words."""
        return answers.Neighbours(**self.send("GET", "/v1/similar", query={"text": text, "k": k, "domain": domain}))

    def predict(
        self, pairs: Iterable[Mapping[str, str]], *, history: Sequence[Event] | None = None
    ) -> answers.Predictions:
        """What is predicted of pairs `user_id, item_id`; of a stranger's, with a history, `item_id` alone."""
        return answers.Predictions(**self.send("POST", "/v1/predict", body=_given(pairs=list(pairs), history=history)))

    def record(self, events: Iterable[Event]) -> answers.Accepted:
        """Keeps events of people; it returns after the commit. A `key` of your own keeps them once over restarts, too."""
        keyed = [{"key": uuid.uuid4().hex, **event} for event in events]
        return answers.Accepted(**self.send("POST", "/v1/events", body={"events": keyed}))

    def shown(self, user_id: str, items: Iterable[Mapping[str, Any]], *, key: str | None = None) -> answers.Accepted:
        """Keeps what somebody was really shown: `item_id, rank`, and `propensity` where lists are drawn."""
        body = {"user_id": user_id, "items": list(items), "key": key or uuid.uuid4().hex}
        return answers.Accepted(**self.send("POST", "/v1/shown", body=body))

    def users(self, query: str = "", limit: int = 50) -> list[str]:
        """Ids of known people that begin like this."""
        found = self.send("GET", "/v1/users", query={"query": query, "limit": limit})
        return answers.People(**found).user_ids

    def user(self, user_id: str, limit: int = 50) -> answers.Person:
        """What a person did, newest first."""
        return answers.Person(**self.send("GET", "/v1/users/{}", user_id, query={"limit": limit}))

    def interests(self, user_id: str) -> answers.Interests:
        """What is inferred of a person, and what the person said."""
        return answers.Interests(**self.send("GET", "/v1/users/{}/interests", user_id))

    def state_interests(self, user_id: str, interests: Sequence[str]) -> answers.Accepted:
        """Adds words of the person's own."""
        body = {"interests": list(interests)}
        return answers.Accepted(**self.send("PUT", "/v1/users/{}/interests", user_id, body=body))

    def interests_of(self, *, user_id: str | None = None, history: Sequence[Event] | None = None) -> answers.Inferred:
        """The strongest labels of a person or of a stranger's history."""
        body = _given(user_id=user_id, history=history)
        return answers.Inferred(**self.send("POST", "/v1/interests", body=body))

    def forget(self, user_id: str) -> answers.Gone:
        """Makes somebody a stranger."""
        return answers.Gone(**self.send("DELETE", "/v1/users/{}", user_id))

    def item(self, item_id: str) -> answers.Item:
        """What the catalogue says of an item."""
        return answers.Item(**self.send("GET", "/v1/items/{}", item_id))

    def put_items(self, items: Iterable[Mapping[str, Any]]) -> answers.Accepted:
        """Adds items, or replaces what was told of them."""
        return answers.Accepted(**self.send("PUT", "/v1/items", body={"items": list(items)}))

    def remove_item(self, item_id: str) -> answers.Gone:
        """Recommends an item no more."""
        return answers.Gone(**self.send("DELETE", "/v1/items/{}", item_id))

    def models(self) -> answers.ModelVersions:
        """The versions of the model, and which is in charge."""
        return answers.ModelVersions(**self.send("GET", "/v1/models"))

    def activate(self, number: int) -> answers.ModelVersions:
        """Puts a version in charge."""
        return answers.ModelVersions(**self.send("POST", "/v1/models/{}/activate", str(number)))

    def retrain(self) -> answers.ModelVersions:
        """Starts a training on what happened since; sent once, however it goes."""
        return answers.ModelVersions(**self.send("POST", "/v1/models/retrain", twice=False))

    def experiments(self) -> answers.Trials:
        """The experiment that is running, and what came of it until now."""
        return answers.Trials(**self.send("GET", "/v1/experiments"))

    def begin_experiment(
        self, name: str, challenger: int, *, kind: Literal["ab", "shadow"] = "ab", share: float = 0.5
    ) -> answers.Trials:
        """Lets another version answer a share of the people, or compares it in the shadow."""
        body = {"name": name, "challenger": challenger, "kind": kind, "share": share}
        return answers.Trials(**self.send("POST", "/v1/experiments", body=body, twice=False))

    def end_experiment(self) -> answers.Trials:
        """Ends it, with its last results."""
        return answers.Trials(**self.send("DELETE", "/v1/experiments", twice=False))

    def panel(self, part: Literal["map", "model", "quality", "training", "evaluation", "twins"]) -> dict[str, Any]:
        """What the page shows an engineer."""
        return dict(self.send("GET", "/v1/panel/{}", part))

    def metrics(self) -> str:
        """What Prometheus reads."""
        return str(self.send("GET", "/metrics"))

    def health(self) -> answers.Alive:
        """Whether the process is alive."""
        return answers.Alive(**self.send("GET", "/healthz"))

    def ready(self) -> answers.Alive:
        """Whether it can answer."""
        return answers.Alive(**self.send("GET", "/readyz"))


def _given(**said: Any) -> dict[str, Any]:
    """What was said, without what was left out."""
    return {name: value for name, value in said.items() if value is not None}

"""What Prometheus reads: rate, errors and duration by route template, the model's version, events, drift.

One registry for the process; each tenant is shown its own part, and what belongs to nobody. Labels are words of ours alone: never
an id, a path or a kind of event that somebody made up, so there are few of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from copy import copy

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric

from penchant.records.words import KINDS
from penchant.serving.drift import Drift, codes
from penchant.serving.watch import Answered
from penchant.stages.model import Model

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)
"""Edges of the durations: the marks of the server are among them."""


class Metrics:
    """Everything that is counted. Threads may share it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        route = ("tenant", "method", "route")
        self._requests = Counter("penchant_requests", "Requests answered.", (*route, "status"), registry=self.registry)
        self._seconds = Histogram(
            "penchant_request_seconds", "How long requests took.", route, buckets=SECONDS, registry=self.registry
        )
        self._events = self._counter("penchant_events", "Events taken.", "kind")
        self._lists = self._counter("penchant_lists", "Lists answered.", "known")
        self._model = self._gauge("penchant_model_info", "The model that answers.", "model", "version")
        self._drift = self._gauge("penchant_drift_psi", "Population stability index (see docs/serving.md).", "of")
        self._drifts: defaultdict[str, Drift] = defaultdict(Drift)

    def request(self, answered: Answered) -> None:
        """Counts a request."""
        labels = (answered.tenant, answered.method, answered.route)
        self._requests.labels(*labels, str(answered.status)).inc()
        self._seconds.labels(*labels).observe(answered.seconds)

    def taken(self, tenant: str, kinds: Iterable[str | None]) -> None:
        """Counts events that are in the log now."""
        for code in (found := codes(kinds)):
            self._events.labels(tenant, KINDS[code]).inc()
        self._drifts[tenant].happened(found)

    def listed(self, tenant: str, known: bool, scores: Iterable[float]) -> None:
        """Counts a list, by its scores, best first."""
        self._lists.labels(tenant, str(known).lower()).inc()
        self._drifts[tenant].answered(scores)

    def look_at(self, tenant: str, model: Model, version: int) -> None:
        """Says which model answers, and how far things have drifted from what it knew when it was first looked at."""
        drift, answering = self._drifts[tenant], (model.about["created_at"], str(version))
        if drift.look_at(answering, model):
            self._model.remove_by_labels({"tenant": tenant})
            self._drift.remove_by_labels({"tenant": tenant})
        self._model.labels(tenant, *answering).set(1)
        for of, value in drift.told().items():
            self._drift.labels(tenant, of).set(value)

    def text(self, tenant: str) -> bytes:
        """What a tenant may see, in the text format of Prometheus."""
        return generate_latest(_Own(self.registry, tenant))  # it asks for nothing but `collect`

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(name, about, ("tenant", *labels), registry=self.registry)

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        return Gauge(name, about, ("tenant", *labels), registry=self.registry)


class _Own:
    """The part of a registry that is about one tenant, or about nobody."""

    def __init__(self, registry: CollectorRegistry, tenant: str) -> None:
        self._registry = registry
        self._shown = {tenant, ""}

    def collect(self) -> Iterator[Metric]:
        for metric in self._registry.collect():
            own = copy(metric)
            own.samples = [sample for sample in metric.samples if sample.labels.get("tenant", "") in self._shown]
            yield own

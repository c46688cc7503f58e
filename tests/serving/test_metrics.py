"""What is counted, and who is shown it."""

from typing import Any, cast

import pytest
from prometheus_client.parser import text_string_to_metric_families

from penchant.serving.drift import FEWEST
from penchant.serving.metrics import Metrics
from penchant.serving.watch import Answered
from penchant.stages.model import Model


class Small:
    """As much of a model as a reference is made of: one list, and events of one kind."""

    user_ids = ("u1",)

    def __init__(self, name: str) -> None:
        self.about = {"created_at": name}
        self.events = {"kind": _Kinds()}

    def recommend(self, user_ids: Any, k: int) -> list[dict[str, float]]:
        return [{"score": float(place)} for place in range(k)]


class _Kinds:
    def to_list(self) -> list[str]:
        return ["rate"] * 100


def model(name: str = "one") -> Model:
    return cast(Model, Small(name))


def request(tenant: str = "a", route: str = "/x", status: int = 200, seconds: float = 0.003) -> Answered:
    return Answered(request_id="r", method="GET", route=route, status=status, seconds=seconds, tenant=tenant, version=1)


def samples(metrics: Metrics, tenant: str) -> dict[str, float]:
    """By name and labels as they are written, without the moments of creation."""
    found = {}
    for family in text_string_to_metric_families(metrics.text(tenant).decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()) if name != "tenant")
            if not sample.name.endswith("_created"):
                found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


def test_rate_errors_and_duration_by_template() -> None:
    metrics = Metrics()
    for status in (200, 200, 503):
        metrics.request(request(status=status))
    found = samples(metrics, "a")
    assert found["penchant_requests_total{method=GET,route=/x,status=200}"] == 2
    assert found["penchant_requests_total{method=GET,route=/x,status=503}"] == 1
    assert found["penchant_request_seconds_bucket{le=0.0025,method=GET,route=/x}"] == 0
    assert found["penchant_request_seconds_bucket{le=0.005,method=GET,route=/x}"] == 3
    assert found["penchant_request_seconds_sum{method=GET,route=/x}"] == pytest.approx(0.009)


def test_a_tenant_sees_its_own_part_and_what_belongs_to_nobody() -> None:
    metrics = Metrics()
    metrics.request(request("a", "/of-a"))
    metrics.request(request("b", "/of-b"))
    metrics.request(request("", "/turned-away", 401))
    metrics.taken("b", ["view"])
    text = metrics.text("a").decode()
    assert "/of-a" in text
    assert "/turned-away" in text
    assert "/of-b" not in text
    assert 'kind="view"' not in text


def test_events_and_lists_are_counted_in_words_of_ours() -> None:
    metrics = Metrics()
    metrics.taken("a", ["view", "view", "call 13812345678", None])
    metrics.listed("a", True, [1.0])
    metrics.listed("a", False, [1.0])
    found = samples(metrics, "a")
    assert found["penchant_events_total{kind=view}"] == 2
    assert found["penchant_events_total{kind=other}"] == 2
    assert found["penchant_lists_total{known=true}"] == found["penchant_lists_total{known=false}"] == 1
    assert b"138" not in metrics.text("a")


def test_drift_is_told_of_the_model_that_answers() -> None:
    metrics = Metrics()
    metrics.taken("a", ["click"] * FEWEST)
    metrics.look_at("a", model(), 1)
    found = samples(metrics, "a")
    assert found["penchant_model_info{model=one,version=1}"] == 1
    assert found["penchant_drift_psi{of=kind}"] > 0.25
    metrics.look_at("a", model("two"), 2)
    found = samples(metrics, "a")
    assert found["penchant_model_info{model=two,version=2}"] == 1
    assert "penchant_model_info{model=one,version=1}" not in found
    assert "penchant_drift_psi{of=kind}" not in found

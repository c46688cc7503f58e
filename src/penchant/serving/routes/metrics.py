"""What Prometheus reads, of the tenant whose key it shows."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from penchant.serving.metrics import Metrics
from penchant.serving.workspace import Current


async def _of_request(request: Request) -> Metrics:
    found: Metrics = request.app.state.metrics
    return found


Counted = Annotated[Metrics, Depends(_of_request)]
"""Where routes count what happens in them."""

router = APIRouter()


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(counted: Counted, current: Current) -> PlainTextResponse:
    """Requests, durations, events, lists, the model's version and drift, in the text format of Prometheus."""
    with current.model() as model:
        counted.look_at(current.tenant, model, current.served(model)["version"])
    return PlainTextResponse(counted.text(current.tenant), media_type=CONTENT_TYPE_LATEST)

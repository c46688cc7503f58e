"""Who asks is told by the gate alone: see test_gate. Here: what a route outside of it gets."""

import pytest
from starlette.requests import Request

from penchant.serving.access.caller import LOCAL, caller, tenant


def request(**state: object) -> Request:
    return Request({"type": "http", "headers": [], "state": state})


def test_a_route_outside_of_the_gate_fails_instead_of_guessing() -> None:
    for found in (request(), request(caller="ann"), Request({"type": "http", "headers": []})):
        with pytest.raises(AssertionError, match="outside the gate"):
            caller(found)


def test_the_tenant_is_the_callers() -> None:
    assert tenant(request(caller=LOCAL)) == "default"

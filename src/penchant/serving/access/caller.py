"""Who asks: found by the gate from the key, and told to routes. Never read from a path or a body."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from penchant.serving.access.keys import Scope


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """One authenticated request's key, by its id, and whose data it may touch."""

    key_id: str
    tenant: str
    scope: Scope


LOCAL = Caller(key_id="local", tenant="default", scope=Scope.ADMIN)
"""Whoever is on the machine itself, while there are no keys."""


def caller(request: Request) -> Caller:
    """The dependency of routes. No gate before the route is our own mistake, so it fails instead of guessing."""
    found = request.scope.get("state", {}).get("caller")
    assert isinstance(found, Caller), "A route that needs to know who asks stands outside the gate."
    return found


def tenant(request: Request) -> str:
    """Only whose data the request is about."""
    return caller(request).tenant


Asking = Annotated[Caller, Depends(caller)]
Tenant = Annotated[str, Depends(tenant)]

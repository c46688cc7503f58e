"""The layers in their order, and at which addresses a server may listen.

Outermost first: headers on everything; failures without details; large heads and overload; the gate; bodies; the application.
"""

import logging
from collections.abc import Iterable
from pathlib import Path

from starlette.types import ASGIApp

from penchant.records.errors import ConfigError
from penchant.serving.access.audit import AuditLog
from penchant.serving.access.body import WholeBody
from penchant.serving.access.failures import Failures
from penchant.serving.access.gate import Door, Gate
from penchant.serving.access.headers import StrictHeaders
from penchant.serving.access.keys import Keys
from penchant.serving.access.limits import Limits
from penchant.serving.access.origin import LOOPBACK
from penchant.serving.access.overload import Overload

LOG = logging.getLogger("penchant.serving")


def protect(
    app: ASGIApp,
    run: str | Path,
    *,
    limits: Limits | None = None,
    allow_hosts: Iterable[str] = (),
    insecure: bool = False,
) -> ASGIApp:
    """`app` behind everything of this room; keys and audit log lie in `run`/access.

    The Host header names loopback or one of `allow_hosts`; `insecure` lets everybody in as long as there are no keys.
    """
    limits = limits or Limits()
    hosts = LOOPBACK | {host.lower().strip("[]") for host in allow_hosts}
    door = Door(keys=Keys(run), audit=AuditLog(run), hosts=hosts, insecure=insecure)
    gate = Gate(WholeBody(app, limits), door, limits)
    return StrictHeaders(Failures(Overload(gate, limits)))


def check_address(run: str | Path, host: str, *, insecure: bool = False) -> None:
    """Another address than loopback needs a key, or that somebody insists.

    Raises: ConfigError without either, or if there are keys and somebody insists that there should be none.
    """
    keys = Keys(run).all()
    if insecure and (keys or host in LOOPBACK):
        why = "there are keys" if keys else f"{host} is reached from this machine only"
        raise ConfigError(f"--insecure would change nothing: {why}. Leave it out.")
    if host in LOOPBACK or keys:
        return
    if not insecure:
        raise ConfigError(
            f"{host} can be reached by others, and there is no key. Make one: penchant keys create {run} --scope admin; "
            "or --insecure, and everybody who reaches the port may do everything."
        )
    LOG.warning("insecure: everybody who reaches %s may read and change everything", host)

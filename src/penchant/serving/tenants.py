"""A run for each tenant: models, people and logs that have nothing in common, in one process, behind one set of keys.

Two tenants never share a run: what one model learned of its people would be told to the other's.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from penchant.records.errors import ConfigError
from penchant.serving.access.keys import TENANT
from penchant.serving.events.open import open_log
from penchant.serving.workspace import ALONE, LIVE, Workspace


@contextmanager
def open_workspaces(
    run: Path, others: Mapping[str, Path] | None = None, events: str | None = None
) -> Iterator[dict[str, Workspace]]:
    """The workspace of the tenant `default`, from `run`, and those of others, by name; closed at the end of the block.

    events: where the log of `run` is; the others' are in their runs.
    Raises: ConfigError for a name that no key has, or a run that is named twice; as `open_log` and `Workspace.open` do.
    """
    runs = _runs(run, others or {})
    with ExitStack() as opened:
        found: dict[str, Workspace] = {}
        for tenant, folder in runs.items():
            log = open_log(events if events and tenant == ALONE else folder / LIVE)
            opened.callback(log.close)
            found[tenant] = Workspace.open(folder, log, tenant)
            opened.callback(found[tenant].close)
        yield found


def _runs(run: Path, others: Mapping[str, Path]) -> dict[str, Path]:
    for tenant in others:
        if not TENANT.fullmatch(tenant) or tenant == ALONE:
            raise ConfigError(
                f"A tenant is named by 1 to 32 of a-z, 0-9 and -, and {ALONE!r} is that of {run}; found {tenant!r}. "
                "Name another, as in --tenant shop=runs/shop."
            )
    runs = {ALONE: run, **others}
    if len({folder.resolve() for folder in runs.values()}) < len(runs):
        raise ConfigError("Each tenant has a run of its own, and one is named twice. Name another, or train one.")
    return runs

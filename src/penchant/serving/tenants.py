"""A run for each tenant: models, people and logs that have nothing in common, in one process, behind one set of keys.

Two tenants never share a run: what one model learned of its people would be told to the other's.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from penchant.records.errors import ConfigError
from penchant.serving.access.keys import TENANT
from penchant.serving.events.lock import FolderLock
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
            found[tenant] = opened.enter_context(open_workspace(folder, tenant, events if tenant == ALONE else None))
        yield found


@contextmanager
def open_workspace(run: Path, tenant: str = ALONE, events: str | None = None) -> Iterator[Workspace]:
    """One run's, closed at the end of the block; the run is this process's alone, wherever its log is.

    events: where that is, default RUN/live. Raises: LockedError if another process has the run; as the log and the workspace do.
    """
    place, own = events or run / LIVE, run / LIVE
    with ExitStack() as opened:
        if Path(place).resolve() != own.resolve():
            own.mkdir(parents=True, exist_ok=True)
            opened.enter_context(closing(FolderLock(own)))
        log = opened.enter_context(closing(open_log(place)))
        yield opened.enter_context(closing(Workspace.open(run, log, tenant)))


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

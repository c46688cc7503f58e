"""Two versions on the same traffic."""

from typing import Any

from fastapi import APIRouter, HTTPException

from penchant.serving.answers import NO_SUCH, Failure, Trials
from penchant.serving.wire import Trial
from penchant.serving.workspace import Current, Workspace

router = APIRouter(prefix="/v1/experiments")
BUSY: dict[int | str, dict[str, Any]] = {409: {"model": Failure, "description": "An experiment is running already."}}
SHOWN = ("name", "kind", "control", "challenger", "share")


@router.get("", response_model=Trials)
def experiments(current: Current) -> dict[str, Any]:
    """The experiment that is running, and what came of it until now."""
    return _told(current)


@router.post("", status_code=201, response_model=Trials, responses=BUSY | NO_SUCH)
def begin(trial: Trial, current: Current) -> dict[str, Any]:
    """Lets another version answer a share of the people, the same people every time, or compares it in the shadow."""
    if current.versions is None or current.versions.find(trial.challenger) is None:
        raise HTTPException(404, "No such version.")
    current.begin(trial.name, trial.kind, trial.challenger, trial.share)
    return _told(current)


@router.delete("", response_model=Trials)
def end(current: Current) -> dict[str, Any]:
    """Ends it, with its last results; the version in charge answers everybody again."""
    told = _told(current)
    current.end()
    return told


def _told(current: Workspace) -> dict[str, Any]:
    found = current.experiment
    running = None if found is None else {name: getattr(found, name) for name in SHOWN}
    return {"running": running, "results": current.results}

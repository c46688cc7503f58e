"""Versions of the model: which there are, and which is in charge."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path

from penchant.records.errors import ArtifactError
from penchant.serving.answers import NO_SUCH, Failure, ModelVersions
from penchant.serving.workspace import Current, Workspace

router = APIRouter(prefix="/v1/models")
Number = Annotated[int, Path(ge=1, lt=2**31)]
DAMAGED: dict[int | str, dict[str, Any]] = {409: {"model": Failure, "description": "The version is damaged."}}
BUSY: dict[int | str, dict[str, Any]] = {409: {"model": Failure, "description": "A training is running already."}}


@router.get("", response_model=ModelVersions)
def models(current: Current) -> dict[str, Any]:
    """Every version, with how it was judged; a server without a run has the one that it was given."""
    return _told(current)


@router.post("/retrain", status_code=202, response_model=ModelVersions, responses=BUSY)
def retrain(current: Current) -> dict[str, Any]:
    """Learns anew from the run and its event log, in the background, beside the model that answers.

    The result is judged on the newest events: if it is not worse it becomes a version and is put in charge, otherwise the verdict
    says why not.
    """
    current.retraining.start()
    return _told(current)


@router.post("/{number}/activate", response_model=ModelVersions, responses=NO_SUCH | DAMAGED)
def activate(number: Number, current: Current) -> dict[str, Any]:
    """Puts a version in charge: a newer one, or an older one to roll back. The other one answers until this one is ready."""
    if current.versions is None or current.versions.find(number) is None:
        raise HTTPException(404, "No such version.")
    try:
        current.activate(number)
    except ArtifactError as error:
        raise HTTPException(409, f"Version {number} is damaged; the one in charge stays.") from error
    return _told(current)


def _told(current: Workspace) -> dict[str, Any]:
    shown = ("number", "created_at", "origin", "log_sequence", "verdict")
    versions = [{name: getattr(version, name) for name in shown} for version in current.known_versions]
    about = {"retraining": current.retraining.is_running, "verdict": current.retraining.verdict}
    return {"active": current.version, "versions": versions, **about}

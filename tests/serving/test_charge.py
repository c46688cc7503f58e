"""Which version answers whom, and what of the log it knows."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from penchant.serving.charge import LIVE
from penchant.serving.events.backup import restore
from penchant.serving.events.open import open_log, open_store
from penchant.serving.versions import Version, Versions
from penchant.serving.workspace import Workspace
from penchant.stages.model import Model


def like(person: str, item: str) -> dict[str, str]:
    return {"user_id": person, "item_id": item, "kind": "like"}


@pytest.fixture
def run(small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PENCHANT_CACHE", str(small_run.parent / "cache"))
    return Path(shutil.copytree(small_run, tmp_path / "run"))


def test_a_new_log_beside_a_version_that_knows_an_older_one_loses_nothing(run: Path, small_model: Model) -> None:
    version = Version(number=1, created_at="", origin="retrain", log_sequence=50)
    space = Workspace(small_model, log=open_log(run / LIVE), version=version)
    assert space.add([like("new", "i1")], [None]) == [51]
    with space.model() as model:
        assert [event["item_id"] for event in model.history("new")] == ["i1"]
    space.close()


def test_a_backup_that_is_put_back_brings_nobody_back(run: Path, tmp_path: Path) -> None:
    space = Workspace.open(run, open_log(run / LIVE))
    space.add([like("new", "i1"), like("other", "i2")], [None] * 2)
    space.log.backup(tmp_path / "backup")
    space.forget("new")
    space.close()
    with closing(open_store(tmp_path / "again")) as store:
        restore(tmp_path / "backup", store)
    again = Workspace.open(run, open_log(tmp_path / "again"))
    with again.model() as model:
        assert (model.history("new"), len(model.history("other"))) == ([], 1)
    again.add([like("new", "i3")], [None])
    with again.model() as model:
        assert [event["item_id"] for event in model.history("new")] == ["i3"]
    again.close()


def test_each_of_several_people_has_one_model(run: Path) -> None:
    versions = Versions(run)
    versions.adopt()
    with versions.draft() as draft:
        for part in ("model", "state"):
            shutil.copytree(run / part, draft / part)
        versions.keep(draft, created_at="2026-11-25", origin="retrain")
    space, people = Workspace.open(run, open_log(run / LIVE)), [f"p{number}" for number in range(40)]
    with space.models(people) as answering:
        assert [some for _, some in answering] == [people]
    experiment = space.begin("newer", "ab", 2, 0.5)
    with space.models(people) as answering:
        told = {space.served(model)["version"]: some for model, some in answering}
    assert told[2] == [person for person in people if experiment.arm(person) == "challenger"]
    assert sorted(told[1] + told[2]) == sorted(people)
    space.close()

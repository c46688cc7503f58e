"""Versions of a run: which there are, which is in charge, and what becomes of damaged ones."""

import shutil
from pathlib import Path

import pytest

import penchant as pn
from penchant.records.errors import ArtifactError
from penchant.serving.versions import ABOUT, ACTIVE, FOLDER, Version, Versions
from penchant.stages.model import Model


@pytest.fixture
def run(small_run: Path, tmp_path: Path) -> Path:
    shutil.copytree(small_run, tmp_path / "run")
    return tmp_path / "run"


def another(versions: Versions, run: Path, **about: object) -> Version:
    """A version as retraining leaves it."""
    with versions.draft() as draft:
        for part in ("model", "state"):
            shutil.copytree(run / part, draft / part)
        return versions.keep(draft, created_at="2026-11-25", origin="retrain", **about)


def opened(versions: Versions) -> tuple[Model, Version]:
    return versions.open(lambda path: pn.load(path, frame="records"))


def test_what_was_trained_is_adopted_once(run: Path) -> None:
    versions = Versions(run)
    first = versions.adopt()
    assert first is not None
    assert (first.number, first.origin, first.log_sequence) == (1, "train", 0)
    assert versions.adopt() is None
    assert versions.active == 1
    model, version = opened(versions)
    assert version == first
    assert model.history("u1") == pn.load(run, frame="records").history("u1")
    model.observe([{"user_id": "u1", "item_id": "i1"}])
    model.save(run)  # as another training would, into the same run
    assert (versions.adopt() or first).number == 2
    assert versions.active == 2


def test_a_new_version_waits_until_it_is_put_in_charge(run: Path) -> None:
    versions = Versions(run)
    versions.adopt()
    made = another(versions, run, log_sequence=7, hidden=["i3"], verdict={"ndcg": 0.2})
    assert versions.active == 1
    assert versions.find(made.number) == made == versions.all()[-1]
    assert (made.log_sequence, made.hidden, made.verdict) == (7, ["i3"], {"ndcg": 0.2})
    versions.activate(2)
    assert Versions(run).active == 2
    versions.activate(1)
    assert Versions(run).active == 1
    assert not list((run / "versions").glob(".draft*"))


@pytest.mark.parametrize("place", ["model/model.safetensors", "model/manifest.json", "state/events.parquet", ABOUT])
def test_one_flipped_bit_and_the_version_before_is_served(
    run: Path, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    versions = Versions(run)
    versions.adopt()
    versions.activate(another(versions, run).number)
    path = run / "versions" / "2" / place
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    try:
        _, version = opened(versions)
    except ArtifactError:
        pytest.fail("the version before it is whole")
    assert version.number == 1
    assert versions.active == 1
    assert "version 2 cannot be served" in caplog.text


def test_none_is_left(run: Path) -> None:
    with pytest.raises(ArtifactError, match="penchant train"):
        opened(Versions(run))
    versions = Versions(run)
    versions.adopt()
    (run / "versions" / "1" / "model" / "schema.json").unlink()
    with pytest.raises(ArtifactError, match=r"schema\.json"):
        opened(versions)


def test_a_pointer_that_cannot_be_read_is_made_anew(run: Path, caplog: pytest.LogCaptureFixture) -> None:
    versions = Versions(run)
    versions.adopt()
    (run / "versions" / ACTIVE).write_text("{", "utf-8")
    assert versions.active == 1
    assert "cannot be read" in caplog.text


def test_what_a_crash_left_of_a_draft_is_swept_away(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    versions.sweep()
    left = tmp_path / FOLDER / ".draft-of-a-killed-process"
    left.mkdir(parents=True)
    (left / "events.parquet").write_bytes(b"what people did")
    versions.sweep()
    assert list((tmp_path / FOLDER).iterdir()) == []

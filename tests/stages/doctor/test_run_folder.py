"""Real runs, made and then damaged."""

import json
from pathlib import Path

import pytest

from penchant.assets.asset import Asset
from penchant.records.artifacts import seal, write_json
from penchant.records.data import Data
from penchant.stages.doctor import run_folder as room
from penchant.stages.doctor.finding import Finding
from penchant.stages.doctor.run_folder import assets, run_folder
from penchant.stages.prepare import write_data


@pytest.fixture
def run(shop: Data, tmp_path: Path) -> Path:
    write_data(tmp_path / "shop", shop)
    return tmp_path / "shop"


def examined(run: Path) -> dict[str, Finding]:
    return {finding.subject.removeprefix(f"{run}/"): finding for finding in run_folder(run)}


def test_a_fresh_run_says_what_to_do_next(run: Path) -> None:
    found = examined(run)
    assert found["data"].status == "ok"
    assert (found["model"].status, found["model"].remedy) == ("note", f"penchant train {run}")
    assert found["item texts"].status == "ok"
    assert found["ratings"].found == "1 to 5"


def test_one_changed_byte_is_found(run: Path) -> None:
    file = run / "data" / "items.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    finding = examined(run)["data"]
    assert finding.status == "bad"
    assert "items.parquet does not match the hash" in finding.found
    assert "penchant prepare" in finding.remedy


def test_tasks_say_what_they_learn_from_or_what_they_lack(run: Path) -> None:
    found = examined(run)
    events = json.loads((run / "data" / "quality.json").read_text())["num_events"]
    assert found["task rating"].found == f"{events:,} labels in {events:,} events"
    assert found["task rating"].remedy == ""
    assert found["task click"].found == "nothing to learn: no impressions"
    assert "`impression`" in found["task click"].remedy


def test_where_no_task_learns_by_itself_it_is_a_note(run: Path) -> None:
    path = run / "data" / "quality.json"
    quality = json.loads(path.read_text())
    for told in quality["labels"].values():
        told["lacks"] = "no label for it"
    write_json(path, quality)
    seal(run / "data")
    assert examined(run)["task next_item"].status == "note"
    assert examined(run)["task interests"].status == "ok"


def test_poor_data_is_told_of(run: Path) -> None:
    path = run / "data" / "quality.json"
    quality = json.loads(path.read_text())
    quality |= {"has_clock": False, "rating_scale": None, "num_events": 12, "items_with": {"title": 0.1}}
    quality["report"]["events"] |= {"rows_in": 24, "rows_kept": 12}
    write_json(path, quality)
    seal(run / "data")
    notes = {subject for subject, finding in examined(run).items() if finding.status == "note" and finding.remedy}
    assert {"rows", "events", "times", "item texts", "ratings"} <= notes


def test_a_run_of_an_older_version_is_told_of(run: Path) -> None:
    old = {"items_with": {}, "personal": {}, "labels": {"rating": 0.5}}
    for quality in ({"has_clock": True}, old):
        write_json(run / "data" / "quality.json", quality)
        seal(run / "data")
        assert examined(run)["quality.json"].found == "written by an older Penchant"


def test_configuration(run: Path) -> None:
    config = {"encoder": {"word": "minilm", "scrub": True}, "versions": {"python": "3.11", "torch": "0.1"}}
    write_json(run / "config.json", config)
    assert "torch 0.1 -> " in examined(run)["versions"].found
    assert examined(run)["encoder"].status == "ok"
    path = run / "data" / "quality.json"
    write_json(path, json.loads(path.read_text()) | {"languages": {"zh": 0.9, "en": 0.1}})
    finding = examined(run)["encoder"]
    assert finding.status == "note"
    assert "--encoder" in finding.remedy


def test_personal_data_and_who_read_it(run: Path) -> None:
    assert examined(run)["personal data"].found == "none found in the texts"
    path = run / "data" / "quality.json"
    write_json(path, json.loads(path.read_text()) | {"personal": {"phone": 1200, "id_card": 3}})
    assert (
        examined(run)["personal data"].found
        == "1,200 phone, 3 id card in the texts, replaced before a model reads them"
    )
    config = {"encoder": {"word": "minilm", "scrub": False}, "versions": {}}
    write_json(run / "config.json", config)
    finding = examined(run)["personal data"]
    assert (finding.area, finding.status) == ("configuration", "note")
    assert "--no-scrub" in finding.found


def test_no_run() -> None:
    (finding,) = run_folder(Path("no-such-run"))
    assert finding.status == "bad"


def test_assets_are_cached_damaged_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import hashlib

    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path))
    layouts = {"plain": {"a.txt": hashlib.sha256(b"a").hexdigest()}}
    made = {
        name: Asset(name=name, licence="MIT", homepage="", layouts=layouts, origins=())
        for name in ("whole", "damaged", "absent")
    }
    monkeypatch.setattr(room, "CATALOGUE", made)
    for name, content in (("whole", "a"), ("damaged", "b")):
        (tmp_path / name / "plain").mkdir(parents=True)
        (tmp_path / name / "plain" / "a.txt").write_text(content)
    found = {finding.subject: finding for finding in assets()}
    assert found["whole"].found == "cached (MIT)"
    assert found["damaged"].status == "bad"
    assert found["absent"].found == "not fetched yet (MIT)"

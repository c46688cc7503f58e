from collections.abc import Iterator
from pathlib import Path

import pytest

from penchant.stages.doctor import environment as room
from penchant.stages.doctor.environment import environment
from penchant.stages.doctor.finding import Finding


def by_subject(findings: Iterator[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


def test_a_working_machine_has_nothing_bad() -> None:
    found = by_subject(environment())
    assert {"Python", "libraries", "processor", "extra [serve]", "memory", "cache"} <= set(found)
    assert [finding for finding in found.values() if finding.status == "bad"] == []
    assert "torch" in found["libraries"].found


def test_missing_and_old_libraries_are_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["torch>=999.1", "no-such-library>=1", "numpy", 'fastapi>=999; extra == "serve"']
    monkeypatch.setattr(room, "requires", lambda name: wanted)
    finding = by_subject(environment())["libraries"]
    assert finding.status == "bad"
    assert "no-such-library is missing" in finding.found
    assert "(needs 999.1)" in finding.found
    assert "fastapi" not in finding.found
    assert finding.remedy


def test_a_missing_extra_is_a_note_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "EXTRAS", {"odd": ("no_such_module",)})
    finding = by_subject(environment())["extra [odd]"]
    assert (finding.status, finding.found) == ("note", "without no_such_module")
    assert "pip install 'penchant[odd]'" in finding.remedy


@pytest.mark.parametrize(("name", "subject"), [("LITTLE_MEMORY", "memory"), ("LITTLE_DISK", "cache")])
def test_too_little_room_is_a_note(monkeypatch: pytest.MonkeyPatch, name: str, subject: str) -> None:
    monkeypatch.setattr(room, name, 1 << 60)
    assert by_subject(environment())[subject].status == "note"


def test_a_cache_that_cannot_be_written_is_bad(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path / "deep" / "cache"))
    assert by_subject(environment())["cache"].status == "ok"
    monkeypatch.setattr(room.os, "access", lambda *_: False)
    finding = by_subject(environment())["cache"]
    assert finding.status == "bad"
    assert "PENCHANT_CACHE" in finding.remedy


def test_threads_that_wait_on_a_small_machine_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    for threads, status in ((1, "ok"), (2, "note"), (8, "ok")):
        monkeypatch.setattr(torch, "get_num_threads", lambda threads=threads: threads)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        assert by_subject(environment())["processor"].status == status

"""The audit log: whatever is done to a line, the first broken one is named."""

import json
import stat
import threading
from pathlib import Path

import pytest

from penchant.records.errors import ArtifactError
from penchant.serving.access.audit import START, AuditLog, Verdict


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    found = AuditLog(tmp_path)
    for number in range(5):
        found.write("k1", "DELETE /v1/users/{user_id}", "200", {"user_id": f"u{number}"})
    return found


def lines(log: AuditLog) -> list[bytes]:
    return log.path.read_bytes().splitlines(keepends=True)


def test_a_log_that_nobody_touched_holds(log: AuditLog, tmp_path: Path) -> None:
    found = log.verify()
    assert (found.num_lines, found.broken) == (5, None)
    assert found.last == json.loads(lines(log)[-1])["hash"]
    assert AuditLog(tmp_path / "other").verify() == Verdict(0, START)
    assert log.verify(START).broken is None
    for file in (tmp_path / "access").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_every_flipped_bit_is_found_in_its_line(log: AuditLog) -> None:
    whole, ends = log.path.read_bytes(), [0]
    for line in lines(log):
        ends.append(ends[-1] + len(line))
    for place in range(0, len(whole) - 1, 7):
        bent = bytearray(whole)
        bent[place] ^= 1 << place % 8
        log.path.write_bytes(bent)
        line = next(number for number in range(5) if ends[number] <= place < ends[number + 1])
        assert log.verify().broken == line + 1, place


@pytest.mark.parametrize(
    ("order", "broken"), [([1, 2, 3, 4], 1), ([0, 1, 3, 4], 3), ([0, 2, 1, 3, 4], 2), ([0, 1, 2, 3, 3, 4], 5)]
)
def test_lines_taken_out_moved_or_repeated_are_found(log: AuditLog, order: list[int], broken: int) -> None:
    there = lines(log)
    log.path.write_bytes(b"".join(there[place] for place in order))
    assert log.verify().broken == broken


def test_a_line_forged_without_the_key_is_found(log: AuditLog, tmp_path: Path) -> None:
    forger = AuditLog(tmp_path / "forger")
    for _ in range(6):
        forger.write("k1", "nothing", "200")
    log.path.write_bytes(b"".join([*lines(log), lines(forger)[5]]))
    assert log.verify().broken == 6


def test_a_cut_end_is_missed_by_who_remembers_the_last_hash(log: AuditLog) -> None:
    remembered = log.verify().last
    log.write("k1", "more", "200")
    assert log.verify(remembered).broken is None
    log.path.write_bytes(b"".join(lines(log)[:3]))
    assert log.verify().broken is None
    found = log.verify(remembered)
    assert found.broken == 4
    assert "expected hash" in found.reason


def test_nobody_forges_a_line_or_speaks_to_a_terminal(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)
    evil = 'x", "outcome": "200"}\n{"line": 2}\r\n\x1b[2J\u2028\ud800'
    log.write(evil, evil, evil, {evil: evil})
    assert log.verify().num_lines == 1
    written = log.path.read_bytes()
    assert written.count(b"\n") == 1
    assert not [byte for byte in written[:-1] if not 32 <= byte < 127]


def test_ids_are_hashed_with_a_key_of_the_log(log: AuditLog, tmp_path: Path) -> None:
    assert log.pseudonym("u1") == AuditLog(tmp_path).pseudonym("u1")
    assert log.pseudonym("u1") != log.pseudonym("u2")
    assert log.pseudonym("u1") != AuditLog(tmp_path / "other").pseudonym("u1")
    assert json.loads(lines(log)[1])["ids"] == {"user_id": log.pseudonym("u1")}
    assert '"u1"' not in log.path.read_text()


def test_half_a_line_of_a_crash_was_never_acknowledged(log: AuditLog) -> None:
    log.path.write_bytes(log.path.read_bytes() + lines(log)[0][:40])
    assert log.verify().broken == 6
    log.write("k2", "go on", "200")
    assert log.verify().num_lines == 6
    assert log.verify().broken is None


def test_nothing_is_chained_to_a_damaged_end(log: AuditLog) -> None:
    log.path.write_bytes(log.path.read_bytes() + b"{}\n")
    with pytest.raises(ArtifactError, match="last line is damaged"):
        log.write("k1", "x", "200")


def test_several_writers_make_one_chain(tmp_path: Path) -> None:
    def write() -> None:
        log = AuditLog(tmp_path)
        for _ in range(10):
            log.write("k", "x", "200")

    threads = [threading.Thread(target=write) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert AuditLog(tmp_path).verify().num_lines == 80

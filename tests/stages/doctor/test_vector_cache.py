"""Real stores, filled and then damaged."""

from pathlib import Path

import pytest

from penchant.stages.doctor.examination import examine
from penchant.stages.doctor.vector_cache import vector_cache
from penchant.stages.reader import read_texts
from penchant.text.encoders.hashing import HashingEncoder


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path))
    read_texts(["one", "two", "three"], HashingEncoder())
    return tmp_path / "vectors" / "hashing-256"


def test_an_empty_cache_has_no_stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path))
    assert list(vector_cache()) == []


def test_a_sound_store_says_how_much_it_holds(store: Path) -> None:
    (finding,) = vector_cache()
    assert (finding.subject, finding.status) == ("vectors of hashing-256", "ok")
    assert finding.found == "3, all with the right checksum"
    assert finding in examine()


def test_one_changed_byte_is_found_and_the_text_is_encoded_again(store: Path) -> None:
    content = bytearray((store / "vectors.f16").read_bytes())
    content[2 * 256 + 5] ^= 1
    (store / "vectors.f16").write_bytes(content)
    (finding,) = vector_cache()
    assert (finding.status, finding.found) == ("note", "1 of 3 damaged")
    assert "encoded again" in finding.remedy
    read_texts(["one", "two", "three"], HashingEncoder())
    assert [found.found for found in vector_cache()] == ["1 of 4 damaged"]


@pytest.mark.parametrize("content", ["{", "{}", '{"schema_version": 9, "dimension": 256}'])
def test_a_store_that_is_none_is_bad(store: Path, content: str) -> None:
    (store / "store.json").write_text(content)
    (finding,) = vector_cache()
    assert finding.status == "bad"
    assert finding.remedy == f"Delete {store}; its texts are encoded again."

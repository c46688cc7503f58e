import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from penchant.assets.asset import Asset, Resolved
from penchant.assets.catalogue import GROUPLENS
from penchant.assets.resolve import default_cache, obtain, resolve
from penchant.assets.url import Url
from penchant.records.errors import AssetError

FILES = {"a.txt": b"alpha", "deep/b.txt": b"beta"}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def origin(folder: Path, name: str, content: dict[str, bytes], layout: str = "plain") -> Url:
    """An archive on this disk as an origin."""
    path = folder / name
    with zipfile.ZipFile(path, "w") as opened:
        for member, value in content.items():
            opened.writestr(member, value)
    archive = path.read_bytes()
    members = {member: member for member in content}
    return Url(layout=layout, url=path.as_uri(), num_bytes=len(archive), sha256=sha256(archive), members=members)


def asset(*origins: Url) -> Asset:
    files = {name: sha256(content) for name, content in FILES.items()}
    other = {"c.txt": sha256(b"gamma")}
    return Asset(
        name="words", licence="MIT", homepage="https://w", layouts={"plain": files, "other": other}, origins=origins
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_fetches_into_the_cache_and_leaves_nothing_else(tmp_path: Path) -> None:
    found = obtain(asset(origin(tmp_path, "w.zip", FILES)), tmp_path / "cache")
    assert found == Resolved(tmp_path / "cache" / "words" / "plain", "plain")
    assert contents(tmp_path / "cache") == {f"words/plain/{name}": content for name, content in FILES.items()}


def test_the_cache_comes_before_the_origins(tmp_path: Path) -> None:
    words = asset(origin(tmp_path, "w.zip", FILES))
    first = obtain(words, tmp_path / "cache")
    (tmp_path / "w.zip").unlink()
    assert obtain(words, tmp_path / "cache") == first


def test_an_origin_that_fails_gives_way_to_the_next(tmp_path: Path) -> None:
    gone = origin(tmp_path, "gone.zip", FILES)
    (tmp_path / "gone.zip").unlink()
    words = asset(gone, origin(tmp_path, "other.zip", {"c.txt": b"gamma"}, layout="other"))
    found = obtain(words, tmp_path / "cache")
    assert found.layout == "other"
    assert contents(found.path) == {"c.txt": b"gamma"}


def test_wrong_content_is_refused_and_not_cached(tmp_path: Path) -> None:
    wrong = asset(origin(tmp_path, "w.zip", FILES | {"a.txt": b"omega"}))
    expected, found = sha256(b"alpha"), sha256(b"omega")
    with pytest.raises(AssetError, match=f"wrong content of a.txt: expected SHA-256 {expected}, found {found}"):
        obtain(wrong, tmp_path / "cache")
    assert contents(tmp_path / "cache") == {}


def test_the_error_lists_every_origin_with_its_reason(tmp_path: Path) -> None:
    short = origin(tmp_path, "short.zip", {"a.txt": b"alpha"})
    gone = origin(tmp_path, "gone.zip", FILES)
    (tmp_path / "gone.zip").unlink()
    with pytest.raises(AssetError) as raised:
        obtain(asset(short, gone), tmp_path / "cache")
    message = str(raised.value)
    assert "any of its 2 origins" in message
    assert f"{short.url}: deep/b.txt is missing" in message
    assert f"{gone.url}: URLError" in message
    assert "give the path of a folder" in message


@pytest.mark.parametrize(("content", "reason"), [(b"changed", "wrong content of a.txt"), (None, "a.txt is missing")])
def test_a_damaged_cache_is_refused_with_the_remedy(tmp_path: Path, content: bytes | None, reason: str) -> None:
    words = asset(origin(tmp_path, "w.zip", FILES))
    folder = obtain(words, tmp_path / "cache").path
    (folder / "a.txt").unlink()
    if content is not None:
        (folder / "a.txt").write_bytes(content)
    with pytest.raises(AssetError, match=f"cached words is damaged: {reason}.*Delete {folder} and try again"):
        obtain(words, tmp_path / "cache")


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(AssetError, match="Not a directory"):
        obtain(asset(origin(tmp_path, "w.zip", FILES)), tmp_path / "cache")


def touch(folder: Path, names: Sequence[str]) -> Path:
    folder.mkdir()
    for name in names:
        (folder / name).touch()
    return folder


def test_a_local_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    touch(tmp_path / "ml-100k", list(GROUPLENS))
    assert resolve("ml-100k", cache=tmp_path / "cache") == Resolved(Path("ml-100k"), "grouplens")
    assert not (tmp_path / "cache").exists()


def test_a_local_path_of_no_known_layout(tmp_path: Path) -> None:
    folder = touch(tmp_path / "mine", ["u.data"])
    assert resolve(folder) == Resolved(folder, None)
    assert resolve(str(folder / "u.data")) == Resolved(folder / "u.data", None)


def test_an_unknown_name_gets_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"'ml-100' is neither an existing path nor .* Did you mean 'ml-100k'"):
        resolve("ml-100", cache=tmp_path)


def test_where_the_cache_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path))
    assert default_cache() == tmp_path
    monkeypatch.delenv("PENCHANT_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert default_cache() == tmp_path / "home" / ".cache" / "penchant"


OBTAIN = """
import sys, time
from pathlib import Path
from penchant.assets.asset import Asset
from penchant.assets.resolve import obtain

class Slow:
    layout = "plain"
    def fetch(self, folder):
        (folder / "a.txt").write_bytes(b"alpha")
        Path(sys.argv[2]).touch()                       # I am about to put it in place ...
        while not Path(sys.argv[3]).exists():           # ... and so is the other
            time.sleep(0.01)

files = {"a.txt": sys.argv[4]}
asset = Asset(name="words", licence="MIT", homepage="", layouts={"plain": files}, origins=(Slow(),))
print(obtain(asset, Path(sys.argv[1])).path)
"""


def test_two_processes_at_once_both_get_it(tmp_path: Path) -> None:
    cache, flags = tmp_path / "cache", [str(tmp_path / "one"), str(tmp_path / "two")]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", OBTAIN, str(cache), *order, sha256(b"alpha")], stdout=subprocess.PIPE, text=True
        )
        for order in (flags, flags[::-1])
    ]
    printed = [process.communicate(timeout=60)[0].strip() for process in running]
    assert printed == [str(cache / "words" / "plain")] * 2
    assert contents(cache) == {"words/plain/a.txt": b"alpha"}

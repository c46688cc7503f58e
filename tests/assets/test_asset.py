import pytest

from penchant.assets.asset import Asset
from penchant.assets.catalogue import CATALOGUE
from penchant.assets.converted import Converted
from penchant.assets.wheel import Wheel

DIGEST = "0" * 64


def asset(files: dict[str, str], layout: str = "plain") -> Asset:
    origin = Wheel(layout=layout, requirement="x==1", members={})
    return Asset(name="x", licence="MIT", homepage="", layouts={"plain": files}, origins=(origin,))


@pytest.mark.parametrize("file_name", ["../evil", "/etc/passwd", "a/../../b", "..\\evil"])
def test_a_file_outside_the_folder_is_refused(file_name: str) -> None:
    with pytest.raises(ValueError, match="stays inside its folder"):
        asset({file_name: DIGEST})


def test_a_digest_that_is_no_sha256_is_refused() -> None:
    with pytest.raises(ValueError, match="64 lower-case hex digits"):
        asset({"a.txt": "md5"})


def test_an_origin_of_an_unlisted_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="layout 'zip', which 'x' does not list"):
        asset({"a.txt": DIGEST}, layout="zip")


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_catalogue_states_licence_and_homepage(name: str) -> None:
    entry = CATALOGUE[name]
    assert entry.name == name
    assert entry.licence
    assert entry.homepage.startswith("https://")


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_origin_of_the_catalogue_brings_exactly_the_files_of_its_layout(name: str) -> None:
    for origin in CATALOGUE[name].origins:
        expected = CATALOGUE[name].layouts[origin.layout]
        if isinstance(origin, Converted):
            origin, expected = origin.source, origin.source_files
        brought = getattr(origin, "names", None) or origin.members.values()  # type: ignore[attr-defined]
        assert sorted(brought) == sorted(expected)

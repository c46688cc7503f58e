"""The wheel holds everything that the source tree holds."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
@pytest.mark.network
def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", tmp_path, ROOT], check=True)
    (wheel,) = tmp_path.glob("penchant-*.whl")
    source = {p.relative_to(ROOT / "src").as_posix() for p in (ROOT / "src" / "penchant").rglob("*") if p.is_file()}
    expected = {name for name in source if "__pycache__" not in name}
    assert {"penchant/py.typed", "penchant/evaluation/report.html.j2", "penchant/serving/page/index.html"} <= expected
    assert expected <= set(zipfile.ZipFile(wheel).namelist())

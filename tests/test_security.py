"""What SECURITY.md says can be looked up."""

import re
from pathlib import Path

from penchant.serving.access.limits import Limits
from penchant.serving.access.policy import OPEN

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_every_test_that_it_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) >= 9
    assert not [test for file, test in named if f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8")]


def test_every_file_that_it_names_is_there() -> None:
    assert not [name for name in re.findall(r"`(src/[\w/.]+)`", PAGE) if not (ROOT / name).exists()]


def test_every_limit_is_in_it_with_its_default() -> None:
    table = PAGE[PAGE.index("| limit |") : PAGE.index("Bodies are closed forms")]
    assert set(re.findall(r"`(\w+)`", table)) == set(Limits.model_fields)
    for name in ("json_depth", "head_seconds", "body_seconds", "answer_seconds", "at_once", "requests_per_minute"):
        (row,) = [line for line in table.splitlines() if f"`{name}`" in line]
        assert f"| {getattr(Limits(), name)} |" in row


def test_what_is_open_is_told() -> None:
    assert len(OPEN) == 4
    assert all(f"`{path}`" in PAGE for path in OPEN if path.endswith("z"))

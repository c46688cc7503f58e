"""What the README shows is run: its Python blocks, in order, on a small shop."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.assets
@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_python_blocks_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    rows = [f"u{u},i{(u + s) % 15},{1_600_000_000 + 1000 * s},{1 + (u + s) % 5}" for s in range(8) for u in range(20)]
    (tmp_path / "events.csv").write_text("user_id,item_id,timestamp,rating\n" + "\n".join(rows), encoding="utf-8")
    items = [f"i{item},Title {item},{'quiet' if item % 2 else 'loud'}" for item in range(15)]
    (tmp_path / "items.csv").write_text("item_id,title,tags\n" + "\n".join(items), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, name, "exec"), names)
    assert (tmp_path / "runs" / "shop" / "model" / "manifest.json").exists()

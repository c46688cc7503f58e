import json
from contextlib import closing
from pathlib import Path

import pytest

from contracts.event_log_contract import NASTY, view
from penchant.data.frames import to_polars
from penchant.records.errors import ConfigError
from penchant.serving.events.export import export
from penchant.serving.events.open import open_log, open_snapshot


def test_events_of_one_tenant_with_the_time_at_which_they_came(tmp_path: Path) -> None:
    with closing(open_log(tmp_path / "live")) as log:
        log.append("shop", [NASTY, view("007", "i"), {"kind": "$item", "item_id": "x"}], [None] * 3).result()
        log.append("shop", [view("u", f"i{n}") for n in range(1500)], [None] * 1500).result()
        log.append("other", [view("secret", "i")], [None]).result()
        came = next(log.read("shop", after=1)).received_at
    out = tmp_path / "events.jsonl"
    with open_snapshot(tmp_path / "live") as tables:
        assert export(tables, "shop", out) == 1502
        with pytest.raises(ConfigError, match=r"something at .*events\.jsonl already"):
            export(tables, "shop", out)
        with pytest.raises(ConfigError, match=r"'sohp' has no events here. Tenants that have: other, shop"):
            export(tables, "sohp", tmp_path / "none.jsonl")
    assert out.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert lines[:2] == [NASTY, {**view("007", "i"), "timestamp": came // 10**6}]
    assert len(lines) == 1502
    assert to_polars(out)[0]["user_id"].to_list()[1] == "007"

"""`run/data/` in, `run/report/domains.json` out: are its domains worth learning together?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from penchant.records.artifacts import write_json
from penchant.stages.config import resolve_config
from penchant.stages.console import ShowEncoding, ShowTraining, make_progress
from penchant.stages.domain_twins import TOGETHER, domain_twins
from penchant.stages.encode import encode
from penchant.stages.encoders import AUTO
from penchant.stages.prepare import read_data
from penchant.text.cutting import Cutting
from penchant.text.normalise import Script


def compare_domains(
    run: Path,
    *,
    size: str,
    seeds: int = 3,
    k: int = 10,
    tasks: Sequence[str] | None = None,
    encoder: str = AUTO,
    scrub: bool = True,
    join: str = "concat",
    script: Script = "keep",
    cutting: Cutting | None = None,
    **options: Any,
) -> dict[str, Any]:
    """`domain_twins` with seeds 0, 1, ...; options: single settings, as for `train`."""
    config = resolve_config(size, 0, **options)
    with make_progress() as progress:
        encoded = encode(read_data(run), encoder, scrub, join, ShowEncoding(progress), script, cutting)
        shown = [ShowTraining(progress, "domains")]
        found = domain_twins(encoded, config, tasks, seeds=range(seeds), k=k, callbacks=shown)
    (run / "report").mkdir(exist_ok=True)
    write_json(run / "report" / "domains.json", found)
    return found


def comparison_lines(found: dict[str, Any]) -> list[str]:
    """For everybody of each domain: a line for each row and way, and one for each difference."""
    lines = []
    for record in (record for record in [*found["rows"], *found["differences"]] if record["group"] == "all"):
        way = record["way"] if "way" in record else f"{TOGETHER} - {record['minus']}"
        sign, verdict = ("", "") if "way" in record else ("+", f"  {record['verdict']}")
        numbers = f"{record['value']:{sign}.4f} [{record['low']:{sign}.4f}, {record['high']:{sign}.4f}]"
        lines.append(f"{record['domain']:<12} {record['row']:<14} {way:<18} {numbers}{verdict}")
    return lines

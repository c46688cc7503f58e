"""`run/data/` in, `run/report/twins.json` and `twins.html` out: did learning the tasks together help each of them?"""

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import penchant
from penchant.evaluation.twins_report import write_twins
from penchant.stages.config import resolve_config
from penchant.stages.console import ShowEncoding, ShowTraining, make_progress
from penchant.stages.encode import encode
from penchant.stages.encoders import AUTO
from penchant.stages.prepare import read_data
from penchant.stages.task_twins import task_twins
from penchant.text.cutting import Cutting
from penchant.text.normalise import Script


def twins(
    run: Path,
    *,
    size: str,
    seeds: Sequence[int] = (0, 1, 2),
    protocol: str = "global-time",
    k: int = 10,
    allow_leaks: bool = False,
    tasks: Sequence[str] | None = None,
    encoder: str = AUTO,
    scrub: bool = True,
    join: str = "concat",
    script: Script = "keep",
    cutting: Cutting | None = None,
    **options: Any,
) -> dict[str, Any]:
    """`task_twins` of a run folder; options: single settings, as for `train`. Gives what twins.json holds."""
    config = resolve_config(size, 0, **options)
    with make_progress() as progress:
        encoded = encode(read_data(run), encoder, scrub, join, ShowEncoding(progress), script, cutting)
        shown = [ShowTraining(progress, "twins")]
        found = task_twins(
            encoded, config, tasks, protocol=protocol, seeds=seeds, k=k, allow_leaks=allow_leaks, callbacks=shown
        )
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    about = {"name": run.name, "created_at": now, "penchant_version": penchant.__version__}
    found = {"schema_version": 1, "run": {**about, "size": size, "config": config.to_dict()}, **found}
    write_twins(found, run / "report")
    return found


def twin_lines(found: dict[str, Any]) -> list[str]:
    """A line for each difference, for Delta-m, and for the advice on each task."""
    lines = [f"{'task':<12} {'row':<14} {'metric':<18} {'joint':>8} {'twin':>8}  joint better by [95%], by seed"]
    for record in found["differences"]:
        about = f"{record['task']:<12} {record['row']:<14} {record['metric']:<18}"
        sides = f"{record['joint']:8.4f} {record['twin']:8.4f}"
        interval = f"{record['value']:+.4f} [{record['low']:+.4f}, {record['high']:+.4f}]"
        seeds = f"{min(record['by_seed']):+.4f}..{max(record['by_seed']):+.4f}"
        lines.append(f"{about} {sides}  {interval}, {seeds}  {record['verdict']}")
    mean = found["delta_m"]["value"]
    told = "-" if mean is None else f"{mean:+.2%}"
    lines.append(f"Delta-m, the mean relative gain of the tasks: {told}")
    return lines + [f"{one['task']}: {one['verdict']}. {one['advice']}" for one in found["verdicts"]]

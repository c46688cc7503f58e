"""`run/data/` in, `run/model/` and `run/state/` out."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from penchant.stages.assemble import fit_encoded
from penchant.stages.config import resolve_config
from penchant.stages.console import ShowEncoding, ShowTraining, make_progress
from penchant.stages.encode import encode
from penchant.stages.encoders import AUTO
from penchant.stages.evaluate import evaluate_encoded
from penchant.stages.prepare import read_data
from penchant.stages.tracking import make_trackers
from penchant.text.cutting import Cutting
from penchant.text.normalise import Script


def train(
    run: Path,
    *,
    size: str,
    seed: int,
    tasks: Sequence[str] | None = None,
    encoder: str = AUTO,
    scrub: bool = True,
    join: str = "concat",
    script: Script = "keep",
    cutting: Cutting | None = None,
    resume: bool = False,
    track: Sequence[str] = (),
    **options: Any,
) -> dict[str, Any]:
    """Learns from every event of the run; gives what is said about the model, and how much personal data was `replaced`.

    resume: go on from `run/checkpoints/` of a run that was killed, with the same settings and data: the weights end with
    the bits that they would have had (fixed threads). Without it, old checkpoints are removed first. track: words of
    `stages/tracking.py`.
    """
    config = resolve_config(size, seed, **options)
    trackers = make_trackers(track, run)
    if not resume:
        shutil.rmtree(run / "checkpoints", ignore_errors=True)
    with make_progress() as progress:
        encoded = encode(read_data(run), encoder, scrub, join, ShowEncoding(progress), script, cutting)
        shown = [ShowTraining(progress, "train"), *trackers]
        model = fit_encoded(encoded, config, tasks, callbacks=shown, checkpoints=run / "checkpoints")
    model.save(run)
    shutil.rmtree(run / "checkpoints")
    return {**model.describe(), "replaced": dict(encoded.reader.found)}


def evaluate(
    run: Path,
    *,
    protocol: str,
    size: str,
    seed: int,
    k: int,
    fold: int = 0,
    allow_leaks: bool = False,
    encoder: str = AUTO,
    scrub: bool = True,
    join: str = "concat",
    script: Script = "keep",
    cutting: Cutting | None = None,
    tasks: Sequence[str] | None = None,
    track: Sequence[str] = (),
    rerank: Sequence[str] = (),
    rules: Mapping[str, Any] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Trains anew on the past of the run and scores on its future; writes `run/report/`."""
    config = resolve_config(size, seed, **options)
    trackers = make_trackers(track, run)
    with make_progress() as progress:
        encoded = encode(read_data(run), encoder, scrub, join, ShowEncoding(progress), script, cutting)
        shown = [ShowTraining(progress, "evaluate"), *trackers]
        metrics, _ = evaluate_encoded(
            encoded,
            config,
            run / "report",
            protocol=protocol,
            k=k,
            fold=fold,
            allow_leaks=allow_leaks,
            name=run.name,
            tasks=tasks,
            callbacks=shown,
            rerank=rerank,
            rules=rules,
        )
    return metrics

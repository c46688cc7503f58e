"""`run/data/` in, `run/model/` and `run/state/` out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from penchant.stages.assemble import fit_encoded
from penchant.stages.config import resolve_config
from penchant.stages.console import ShowTraining, make_progress
from penchant.stages.encode import DEFAULT_ENCODER, encode
from penchant.stages.evaluate import evaluate_encoded
from penchant.stages.prepare import read_data


def train(
    run: Path,
    *,
    size: str,
    seed: int,
    tasks: Sequence[str] | None = None,
    encoder: str = DEFAULT_ENCODER,
    **options: Any,
) -> dict[str, Any]:
    """Learns from every event of the run; gives what is said about the model."""
    config = resolve_config(size, seed, **options)
    encoded = encode(read_data(run), encoder)
    with make_progress() as progress:
        model = fit_encoded(encoded, config, tasks, callbacks=[ShowTraining(progress, "train")])
    model.save(run)
    return model.describe()


def evaluate(
    run: Path,
    *,
    protocol: str,
    size: str,
    seed: int,
    k: int,
    encoder: str = DEFAULT_ENCODER,
    **options: Any,
) -> dict[str, Any]:
    """Trains anew on the past of the run and scores on its future; writes `run/report/`."""
    config = resolve_config(size, seed, **options)
    encoded = encode(read_data(run), encoder)
    with make_progress() as progress:
        shown = [ShowTraining(progress, "evaluate")]
        metrics, _ = evaluate_encoded(
            encoded, config, run / "report", protocol=protocol, k=k, name=run.name, callbacks=shown
        )
    return metrics

"""The main job on real data: MovieLens-100K, read by MiniLM, evaluated, then learned whole for serving."""

from pathlib import Path
from typing import Any

from penchant.assets.resolve import resolve
from penchant.data.sources.movielens import read_movielens_100k
from penchant.stages.assemble import fit_encoded
from penchant.stages.config import resolve_config
from penchant.stages.console import ShowTraining, make_progress, talk
from penchant.stages.encode import encode
from penchant.stages.encoders import AUTO
from penchant.stages.evaluate import evaluate_encoded
from penchant.stages.prepare import write_data


def demo(run: Path, *, size: str = "tiny", seed: int = 0) -> dict[str, Any]:
    """prepare -> encode -> train and evaluate -> train on everything; gives the metrics."""
    config = resolve_config(size, seed)
    talk.print("1/4 prepare: MovieLens-100K")
    data = read_movielens_100k(resolve("ml-100k").path)
    write_data(run, data)
    with make_progress() as progress:
        talk.print(f"2/4 encode: {len(data.items)} item texts")
        bar = progress.add_task("encode", total=None)
        encoded = encode(data, AUTO, on_progress=lambda done, total: progress.update(bar, completed=done, total=total))
        talk.print(f"     read by {encoded.reader.chosen.word}")
        talk.print("3/4 evaluate: learn from the past, score on what came later")
        shown = [ShowTraining(progress, "evaluate")]
        metrics, choice = evaluate_encoded(encoded, config, run / "report", name=run.name, callbacks=shown)
        talk.print("4/4 train: learn from every event, for serving")
        fit_encoded(encoded, config, choice=choice, callbacks=[ShowTraining(progress, "train")]).save(run)
    return metrics

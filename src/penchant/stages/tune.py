"""`penchant tune`: a search for better options, by Optuna, on the validation slice; what is chosen stays clear of the test.

A study is resumable: a trial depends on the seed and the trials that ended before it, so that a search that was killed ends
as one that was not. One process at a time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penchant.records.artifacts import MANIFEST, hash_file, write_json
from penchant.records.errors import ConfigError, MissingExtraError
from penchant.stages.config import Config, resolve_config
from penchant.stages.console import ShowEncoding, ShowTraining, make_progress, talk
from penchant.stages.encode import Encoded, encode
from penchant.stages.encoders import AUTO
from penchant.stages.fitting import fit_network, make_tasks, steady_scores, validation_scores
from penchant.stages.prepare import read_data
from penchant.stages.protocols import find_protocol, make_cases
from penchant.stages.space import Space
from penchant.training.callbacks import Callback, EpochEnd

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial, Trial

ERROR, SETTINGS = "error", "settings"
"""What a study keeps beside its trials: why one failed, and what all have in common."""
FIRST_PRUNED = 2
"""The first epochs say little: no trial is cut off after them."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """A space of options on data: `learn` gives the score of a configuration, higher is better."""

    space: Space
    size: str
    seed: int
    learn: Callable[[Config, Sequence[Callback]], float]

    def resolve(self, options: dict[str, Any]) -> Config:
        """Raises: ConfigError for options that make no sense."""
        return resolve_config(self.size, self.seed, **options)


def tune(
    run: Path,
    *,
    sets: Sequence[str],
    trials: int = 20,
    study: str | None = None,
    size: str = "small",
    seed: int = 0,
    tasks: Sequence[str] | None = None,
    protocol: str = "global-time",
    encoder: str = AUTO,
    **reading: Any,
) -> dict[str, Any]:
    """Searches until the study holds `trials` that ended; writes `run/tune/best.json`, which `train` takes.

    sets: "name=low..high", "name=one,other" or "name=value". study: an SQLAlchemy URL, default SQLite in `run/tune/`.
    Learns from what comes before the validation slice of the protocol, scores on that slice: the test is not looked at.
    Raises: ConfigError for options that make no sense, a study of other settings, or if no trial came to its end.
    """
    space, chosen = Space.parse(sets), find_protocol(protocol)
    space.check(lambda options: resolve_config(size, seed, **options))
    url = study or f"sqlite:///{(run / 'tune' / 'study.db').resolve()}"
    with make_progress() as progress:
        encoded = encode(read_data(run), encoder, on_progress=ShowEncoding(progress), **reading)
        split = chosen.split(encoded, 0, seed)
        learn = _learner(encoded, protocol, split.train, split.valid, split.told(split.train), tasks)
        search = Search(space=space, size=size, seed=seed, learn=learn)
        data = hash_file(run / "data" / MANIFEST)
        told = {"size": size, "seed": seed, "sets": sorted(sets), "tasks": tasks, "protocol": protocol, "data": data}
        opened = open_study(url, run.resolve().name, {**told, "encoder": encoded.reader.chosen.word})
        shown = [ShowTraining(progress, "tune")]
        run_trials(opened, search, trials, shown)
    return write_best(opened, search, run / "tune" / "best.json", tasks)


def _learner(
    encoded: Encoded, protocol: str, fitted: Any, target: Any, told: Any, tasks: Sequence[str] | None
) -> Callable[[Config, Sequence[Callback]], float]:
    cases = make_cases(encoded, protocol, fitted, target, told)
    past, later = encoded.events.take(fitted), encoded.events.take(target)
    made = make_tasks(tasks, encoded, past)

    def learn(config: Config, callbacks: Sequence[Callback]) -> float:
        found = fit_network(
            past,
            encoded,
            made,
            config,
            validate=lambda source, fitted: validation_scores(source, fitted, past, later, cases, encoded),
            callbacks=callbacks,
        )
        return max(steady_scores(found.trained))

    return learn


def open_study(url: str, name: str, settings: dict[str, Any]) -> "Study":
    """A new study, or the one that is there. Raises: ConfigError if it cannot be opened or is of other settings."""
    try:
        import optuna
    except ImportError:
        raise MissingExtraError.of("optuna", "tune") from None
    from sqlalchemy.exc import SQLAlchemyError

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    try:
        study = optuna.create_study(
            storage=url,
            study_name=name,
            direction="maximize",
            pruner=optuna.pruners.MedianPruner(n_warmup_steps=FIRST_PRUNED),
            load_if_exists=True,
        )
    except (SQLAlchemyError, ImportError, ValueError) as error:
        raise ConfigError(f"The study {url} cannot be opened ({error}). Try sqlite:///study.db.") from error
    kept = study.user_attrs.get(SETTINGS)
    if kept is None:
        study.set_user_attr(SETTINGS, settings)
    elif kept != settings:
        other = next(name for name in settings if kept.get(name) != settings[name])
        raise ConfigError(
            f"The study {url} was begun with {other} {kept.get(other)}, found {settings[other]}. Go on with the same, "
            "or give another --study."
        )
    return study


def run_trials(study: "Study", search: Search, trials: int, callbacks: Sequence[Callback] = ()) -> None:
    """Until so many have ended. What a killed process left running is begun anew."""
    from optuna import TrialPruned
    from optuna.samplers import TPESampler
    from optuna.trial import TrialState

    for left in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(left.number, state=TrialState.FAIL)
    while (ended := len(_ended(study))) < trials:
        study.sampler = TPESampler(seed=search.seed * 100_003 + ended)
        trial = study.ask()
        talk.print(f"tune: trial {ended + 1} of {trials}", soft_wrap=True)
        try:
            value = search.learn(search.resolve(search.space.draw(trial)), [*callbacks, Watch(trial)])
        except TrialPruned:
            study.tell(trial, state=TrialState.PRUNED)
        except ConfigError as error:  # it diverged, or options don't go together: the sampler learns from that too
            trial.set_user_attr(ERROR, str(error))
            study.tell(trial, state=TrialState.PRUNED)
        else:
            study.tell(trial, value)


class Watch(Callback):
    """Tells a trial its score after each epoch. Raises: TrialPruned when it lies below the median of the others."""

    def __init__(self, trial: "Trial") -> None:
        self.trial = trial

    def on_epoch(self, end: EpochEnd) -> bool:
        from optuna import TrialPruned

        if end.score is not None:
            self.trial.report(end.score, end.epoch)
            if self.trial.should_prune():
                raise TrialPruned
        return False


def write_best(study: "Study", search: Search, file: Path, tasks: Sequence[str] | None = None) -> dict[str, Any]:
    """Every trial that ended, best first, and the best options, which go to `file`.

    Raises: ConfigError if no trial came to its end.
    """
    rows = sorted(map(_row, _ended(study)), key=lambda row: (row["state"] != "complete", -(row["score"] or 0.0)))
    if not rows or rows[0]["state"] != "complete":
        why = next((row[ERROR] for row in rows if row[ERROR]), "there was none")
        raise ConfigError(f"No trial came to its end: {why} Narrow the spans, or give more --trials.")
    best = rows[0]
    found = {"score": best["score"], "trial": best["trial"], "trials": len(rows), **study.user_attrs[SETTINGS]}
    options = search.space.options(best["options"])
    told = {"size": search.size, "tasks": list(tasks) if tasks else None, "options": options, "found": found}
    file.parent.mkdir(parents=True, exist_ok=True)
    write_json(file, told)
    return {"best": options, "score": best["score"], "file": str(file), "trials": rows}


def tune_lines(found: dict[str, Any]) -> list[str]:
    """A table of the trials, best first, and what to do with the best."""
    lines = [f"{'trial':>5}  {'score':>7}  {'epochs':>6}  {'state':<8}  options"]
    for row in found["trials"]:
        score = "" if row["score"] is None else f"{row['score']:.4f}"
        options = " ".join(f"{name}={_short(value)}" for name, value in row["options"].items())
        error = f"  ({row[ERROR]})" if row[ERROR] else ""
        lines.append(f"{row['trial']:>5}  {score:>7}  {row['epochs']:>6}  {row['state']:<8}  {options}{error}")
    return [*lines, "", f"The best is in {found['file']}: penchant train RUN --config {found['file']}"]


def _ended(study: "Study") -> "list[FrozenTrial]":
    from optuna.trial import TrialState

    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))


def _row(trial: "FrozenTrial") -> dict[str, Any]:
    return {
        "trial": trial.number,
        "score": trial.value,
        "epochs": len(trial.intermediate_values),
        "state": trial.state.name.lower(),
        "options": dict(trial.params),
        ERROR: trial.user_attrs.get(ERROR, ""),
    }


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)

"""What a training is told, with the range of each number. Which object stands behind a word is known in `stages/`."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from penchant.records.errors import ConfigError
from penchant.records.ranges import Range, check_fields, check_word
from penchant.training.devices import AUTO, find_device

Precision = Literal["float32", "bfloat16"]
RANGES = {
    "epochs": Range(least=1, whole=True),
    "learning_rate": Range(above=0),
    "num_positions": Range(least=1, whole=True),
    "weight_decay": Range(least=0),
    "id_decay": Range(least=0),
    "max_norm": Range(above=0),
    "accumulate": Range(least=1, whole=True),
    "ema": Range(least=0, below=1),
    "fine_tune_items": Range(least=1, whole=True),
    "seed": Range(least=0, whole=True),
}
WARM_UP = Range(least=0, below=1)
SHARE = RATE = Range(above=0)
EVERY = NEGATIVES = Range(least=0, whole=True)
FROZEN = "frozen"


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """`num_positions`: cells of a batch; `weight_decay` of everything, `id_decay` of the id residuals; `warm_up`: share of
    the steps, None: what the schedule says; `max_norm`: gradient clipping; `optimizer`, `schedule`: words of
    `stages/learning.py`; `accumulate`: batches whose gradients are averaged into one step; `ema`: how much of the
    averaged weights stays at each step, 0 for no averaging; `precision` of the arithmetic, weights are float32
    always; `objective`: how much the validation score of each task counts for what is best, empty: the first task's
    alone; `cosine_every`: batches between two looks at the cosines of the tasks' gradients, 0 for none, None: up to
    eight looks in an epoch; `negatives`: items drawn at each step that the softmax over the catalogue is learned
    against beside those that are sought, 0: all items, None: all while a step has no more than 20 million logits,
    else 2048; `fine_tune`: what of the language model learns along, a word of `stages/fine_tuning.py`;
    `fine_tune_items`: texts of a kind that it reads anew in a step; `fine_tune_rate`: its learning rate, None: what
    suits the word; `device`: where the network learns, a word of `training/devices.py`."""

    epochs: int = 30
    learning_rate: float = 3e-3
    num_positions: int = 1536
    weight_decay: float = 0.01
    id_decay: float = 0.05
    warm_up: float | None = None
    max_norm: float = 1.0
    optimizer: str = "adamw"
    schedule: str = "cosine"
    accumulate: int = 1
    ema: float = 0.0
    precision: Precision = "float32"
    objective: dict[str, float] = field(default_factory=dict)
    cosine_every: int | None = None
    negatives: int | None = None
    fine_tune: str = FROZEN
    fine_tune_items: int = 256
    fine_tune_rate: float | None = None
    device: str = AUTO
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises: ConfigError for a number out of its range, an unknown precision, or a device that is not here."""
        check_fields(self, RANGES)
        check_word("precision", self.precision, get_args(Precision))
        find_device(self.device)
        if self.warm_up is not None:
            WARM_UP.check("warm_up", self.warm_up, "what the schedule says")
        if self.negatives is not None:
            NEGATIVES.check("negatives", self.negatives, "what suits the catalogue")
        if self.cosine_every is not None:
            EVERY.check("cosine_every", self.cosine_every, "up to eight looks in an epoch")
        if self.fine_tune_rate is not None:
            RATE.check("fine_tune_rate", self.fine_tune_rate, "what suits the word")
        if self.fine_tune == FROZEN:
            for name in ("fine_tune_items", "fine_tune_rate"):
                if getattr(self, name) != type(self).__dataclass_fields__[name].default:
                    raise ConfigError(
                        f"{name} has no effect on a frozen language model. Set fine_tune, or leave it out."
                    )
        for name, share in self.objective.items():
            if share not in SHARE:
                raise ConfigError(f"The objective's share of {name!r} must be {SHARE}, found {share!r}. Leave it out.")

"""The ways to tell what is fitted on from what is asked: by time, leave last out, k folds of people, the source's own column."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from penchant.data.split import Split, by_column, global_time, k_fold_by_user, leave_last_out
from penchant.evaluation.cases import Cases, last_cases, window_cases
from penchant.records.errors import ConfigError, DataError, suggestion
from penchant.stages.domains import with_streams
from penchant.stages.encode import Encoded


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """`split`: from tables, number of the fold and seed. `by_time`: nothing that is fitted on may be later than the test."""

    description: str
    split: Callable[[Encoded, int, int], Split]
    make_cases: Callable[..., Cases]
    by_time: bool = False


def _own_column(encoded: Encoded, _fold: int, _seed: int) -> Split:
    if encoded.parts is None:
        raise ConfigError(
            "The protocol 'column' needs events with a column `split` that says train, valid or test. Use another one."
        )
    return by_column(encoded.events, encoded.parts)


PROTOCOLS = {
    "global-time": Protocol(
        description="The last tenth of all events, by time, is the test; the tenth before it chose the settings. "
        "A person's history is what they did before the window; all their new items in it count.",
        split=lambda encoded, _fold, _seed: global_time(encoded.events),
        make_cases=window_cases,
        by_time=True,
    ),
    "leave-last-out": Protocol(
        description="Each person's last event is the test, the one before it chose the settings.",
        split=lambda encoded, _fold, _seed: leave_last_out(encoded.events),
        make_cases=last_cases,
    ),
    "k-fold": Protocol(
        description="One of five groups of people is asked for their last event and nothing of theirs is fitted on; "
        "the next group chose the settings. They are strangers with a history.",
        split=lambda encoded, fold, seed: k_fold_by_user(encoded.events, fold=fold, seed=seed),
        make_cases=last_cases,
    ),
    "column": Protocol(
        description="Training, validation and test are those of the data's own column; each person's last test event counts.",
        split=_own_column,
        make_cases=last_cases,
    ),
}


def find_protocol(name: str, fold: int = 0) -> Protocol:
    """Raises: ConfigError for an unknown name, or a fold where there are none."""
    if name not in PROTOCOLS:
        raise ConfigError(f"Unknown protocol {name!r}. {suggestion(name, PROTOCOLS)}")
    if fold and name != "k-fold":
        raise ConfigError(
            f"Only the protocol 'k-fold' has folds, but fold {fold} of {name!r} was asked for. Leave it out."
        )
    return PROTOCOLS[name]


def make_cases(
    encoded: Encoded, protocol: str, fitted: np.ndarray, target: np.ndarray, told: np.ndarray | None = None
) -> Cases:
    """The questions of a protocol: what came under `target`, to people whose past is what is `told` (default: `fitted`)."""
    cases = PROTOCOLS[protocol].make_cases(
        encoded.events,
        history_mask=fitted if told is None else told,
        target_mask=target & encoded.events.speak_for_items,
        fitted_mask=fitted,
        num_users=len(encoded.users),
        num_items=len(encoded.items),
        text_vectors=encoded.text_vectors,
    )
    return replace(cases, histories=with_streams(cases.histories, encoded.item_domains))


def check_asked(cases: Cases, protocol: str, part: str) -> Cases:
    """The same cases. Raises: DataError where there is none."""
    if not len(cases):
        raise DataError(
            f"The protocol {protocol!r} leaves nobody to ask in {part}: what stands there are impressions, or items that the "
            "person had met. Choose another protocol, such as 'global-time', or give more events."
        )
    return cases

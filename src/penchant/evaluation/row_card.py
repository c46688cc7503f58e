"""What is known of a row's lists beside the lists: whose they are, what they took. A JSON file of the same name.

Peers write such cards too: every key but `row` may be missing.
"""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

from penchant.evaluation.schema import check_keys
from penchant.records.artifacts import read_json, write_json

PEER = "peer"


@dataclass(frozen=True, kw_only=True)
class Card:
    """`kind`: ours, network, ablation, simple or peer. `split`, `settings`: hashes of what the lists answer and come from.

    `choose_seconds`: of choosing settings on valid; `cpu_seconds`: of choosing and fitting together; `score_seconds`: of
    answering all cases; `peak_mib`: of the whole process. None is not measured. `about`: version, settings, what was cut.
    """

    row: str
    kind: str = PEER
    seed: int = 0
    split: str = ""
    settings: str = ""
    valid_ndcg: int | float | None = None
    choose_seconds: int | float | None = None
    fit_seconds: int | float | None = None
    cpu_seconds: int | float | None = None
    score_seconds: int | float | None = None
    peak_mib: int | float | None = None
    about: str = ""

    @classmethod
    def beside(cls, lists: Path) -> "Card":
        """The card of a file of lists; without one the row is called as the file.

        Raises: DataError for an unknown key or a value of the wrong type, ArtifactError for what is no JSON.
        """
        path = lists.with_suffix(".json")
        told: dict[str, Any] = read_json(path) if path.exists() else {}
        whole: dict[str, Any] = {part.name: part.default for part in fields(cls)} | {"row": lists.stem} | told
        check_keys(str(path), whole, get_type_hints(cls))
        return cls(**whole)

    def write(self, lists: Path) -> None:
        write_json(lists.with_suffix(".json"), asdict(self))

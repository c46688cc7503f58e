import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from contracts.source_contract import histories_with
from penchant.records.errors import ArtifactError
from penchant.records.events import Histories
from penchant.retrieval.source import SETTINGS_FILE, CandidateSource


class Fixed(CandidateSource):
    """Gives everybody the same scores: the smallest source there is."""

    def score(self, histories: Histories) -> np.ndarray:
        return np.tile(self.arrays["scores"], (len(histories), 1))


def fixed(*scores: float) -> Fixed:
    return Fixed(len(scores), {"weight": 2}, {"scores": np.array(scores, np.float32)})


def test_zero_is_no_candidate_but_less_than_zero_is() -> None:
    ranked = fixed(0, -1, 2, 0).retrieve(histories_with([[], [2]]), k=3)
    assert ranked.item_rows.tolist() == [[2, 1, -1], [1, -1, -1]]
    assert ranked.scores[0].tolist() == [2, -1, -np.inf]


def test_settings_are_readable(tmp_path: Path) -> None:
    fixed(1, 2).save(tmp_path)
    head = json.loads((tmp_path / SETTINGS_FILE).read_text())
    assert head == {"source": "Fixed", "num_items": 2, "settings": {"weight": 2}}


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text("[]")
    with pytest.raises(ArtifactError, match=r"must hold a Fixed, found \[\]"):
        Fixed.load(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="cannot be read as JSON"):
        Fixed.load(tmp_path)


def test_importing_the_sources_does_not_import_scipy() -> None:
    names = ["popularity", "recent_popularity", "item_knn", "nearby", "transitions", "ease", "text_knn", "fresh"]
    imports = "".join(f"import penchant.retrieval.sources.{name}; " for name in names)
    program = f"{imports}import sys; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

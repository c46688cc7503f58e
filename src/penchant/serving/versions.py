"""The versions of a run's model: `RUN/versions/<n>/` with `model/` and `state/`, and which of them is in charge.

What `penchant train` left in the run becomes a version when it is first served; what is retrained becomes one when it is good
enough. The pointer is replaced in one step that survives a crash. No model is asked anything here, and nobody's requests.
"""

import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from penchant.records.artifacts import MANIFEST, check_folder, hash_file, read_json
from penchant.records.errors import ArtifactError
from penchant.serving.kept import keep, kept, sync

LOG = logging.getLogger("penchant.serving")
FOLDER, ACTIVE, ABOUT = "versions", "active.json", "version.json"
PARTS = ("model", "state")
DRAFT = ".draft-"
Opened = TypeVar("Opened")


@dataclass(frozen=True, kw_only=True)
class Version:
    """`number` from 1; `origin`: train or retrain; `log_sequence`: the event log up to there is in its state already; `digest`:
    of its manifests; `hidden`: items that were gone by then; `verdict`: how it was judged, if it was."""

    number: int
    created_at: str
    origin: str
    log_sequence: int = 0
    digest: str = ""
    hidden: list[str] = field(default_factory=list)
    verdict: dict[str, Any] | None = None


class Versions:
    """Of one run. One process at a time writes: the one that has the event log."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.folder = run / FOLDER

    def all(self) -> list[Version]:
        """Oldest first, without those of which it cannot be read what they are."""
        found = []
        for path in self.folder.glob(f"[0-9]*/{ABOUT}"):
            try:
                found.append(read_version(path))
            except ArtifactError as error:
                LOG.error("a version is passed over: %s", error)
        return sorted(found, key=lambda version: version.number)

    def find(self, number: int) -> Version | None:
        """None if there is no such version."""
        return next((version for version in self.all() if version.number == number), None)

    def path(self, number: int) -> Path:
        """Where a version is."""
        return self.folder / str(number)

    @property
    def active(self) -> int:
        """The version in charge, 0 if there is none yet."""
        return self._order()[-1] if self._order() else 0

    def activate(self, number: int) -> None:
        """Puts a version in charge; those before it are remembered, in the order in which they were."""
        order = [before for before in self._order() if before != number]
        keep(self.folder / ACTIVE, {"order": [*order, number]})

    def adopt(self) -> Version | None:
        """What `penchant train` left in the run, as a version in charge; None if it is one already, or there is nothing."""
        if not all((self.run / part / MANIFEST).is_file() for part in PARTS):
            return None
        digest = digest_of(self.run)
        if any(version.digest == digest for version in self.all()):
            return None
        created_at = read_json(self.run / "model" / "schema.json")["about"]["created_at"]
        with self.draft() as draft:
            for part in PARTS:
                shutil.copytree(self.run / part, draft / part, copy_function=_linked)
            made = self.keep(draft, created_at=created_at, origin="train")
        self.activate(made.number)
        return made

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """A folder to put a version together in; what was not kept goes away."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=DRAFT, dir=self.folder, ignore_cleanup_errors=True) as draft:
            yield Path(draft)

    def sweep(self) -> None:
        """Removes drafts that a crash left; they hold what people did. Raises: nothing for one that cannot be removed."""
        for draft in self.folder.glob(f"{DRAFT}*"):
            shutil.rmtree(draft, ignore_errors=True)

    def keep(self, draft: Path, **about: Any) -> Version:
        """The draft, with `model/` and `state/`, as the newest version. It is not in charge yet."""
        number = 1 + max((int(path.name) for path in self.folder.glob("[0-9]*")), default=0)
        made = Version(number=number, digest=digest_of(draft), **about)
        target = draft / "whole"
        target.mkdir()
        for part in PARTS:
            (draft / part).rename(target / part)
        keep(target / ABOUT, asdict(made))
        target.rename(self.path(number))
        sync(self.folder)
        return made

    def open(self, load: Callable[[Path], Opened]) -> tuple[Opened, Version]:
        """The version in charge, by `load`; where it is damaged, the one before it, which then is in charge.

        Raises: ArtifactError if none can be opened.
        """
        first: ArtifactError | None = None
        for number in reversed(self._order()):
            try:
                found = self.load(number, load)
            except ArtifactError as error:
                first = first or error
                LOG.error("version %d cannot be served, the one before it is tried: %s", number, error)
                continue
            if first is not None:
                self.activate(number)
            return found
        raise first or ArtifactError(f"{self.run} holds no model. Train one: penchant train {self.run}")

    def load(self, number: int, load: Callable[[Path], Opened]) -> tuple[Opened, Version]:
        """One version. Raises: ArtifactError if it is missing or damaged."""
        about = read_version(self.path(number) / ABOUT)
        if digest_of(self.path(number)) != about.digest:
            raise ArtifactError(
                f"{self.path(number)} is not what it was when it was kept. Retrain, or restore a backup."
            )
        return load(self.path(number)), about

    def _order(self) -> list[int]:
        """Versions that were in charge, the present one last. A pointer that cannot be read is made anew from what is there."""
        path = self.folder / ACTIVE
        if not path.exists():
            return []
        try:
            return [int(number) for number in kept(path)["order"]]
        except (ArtifactError, KeyError, TypeError, ValueError) as error:
            LOG.error("%s cannot be read, the newest version is taken: %r", path, error)
            return [version.number for version in self.all()]


def read_version(path: Path) -> Version:
    """What is said about a version. Raises: ArtifactError if that is damaged."""
    try:
        return Version(**kept(path))
    except TypeError as error:
        raise ArtifactError(f"{path} is damaged, or of another version of Penchant ({error}). Retrain.") from error


def digest_of(folder: Path) -> str:
    """One hash over the manifests of `model/` and `state/`, which hold the hash of every file."""
    for part in PARTS:
        if not (folder / part / MANIFEST).is_file():
            check_folder(folder / part)
    hashes = "".join(hash_file(folder / part / MANIFEST) for part in PARTS)
    return hashlib.blake2b(hashes.encode(), digest_size=16).hexdigest()


def _linked(source: str, target: str) -> None:
    """Files of an artifact are replaced and never changed, so two folders may share them; not across disks."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)

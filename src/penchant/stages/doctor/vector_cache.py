"""The vectors that texts have already: of which models, how many, and whether their checksums are right."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from penchant.assets.resolve import default_cache
from penchant.records.artifacts import read_json
from penchant.records.errors import ArtifactError
from penchant.stages.doctor.finding import Finding
from penchant.vectors.store import VectorStore


def vector_cache() -> Iterator[Finding]:
    """A finding for each store of the cache. Reads all of them; what a crash left half-written is cut off on the way."""
    for about in sorted((default_cache() / "vectors").glob("*/store.json")):
        yield _store(about.parent)


def _store(folder: Path) -> Finding:
    subject = f"vectors of {unquote(folder.name)}"
    try:
        store = VectorStore(folder, int(read_json(folder / "store.json")["dimension"]))
        damaged = store.damaged()
    except (ArtifactError, OSError, KeyError, TypeError, ValueError) as error:
        return Finding(
            area="assets",
            subject=subject,
            status="bad",
            found=f"cannot be opened ({error})",
            remedy=f"Delete {folder}; its texts are encoded again.",
        )
    if damaged:
        return Finding(
            area="assets",
            subject=subject,
            status="note",
            found=f"{damaged:,} of {len(store):,} damaged",
            remedy="Nothing to do: they are encoded again when they are asked for. If it happens again, look at the disk.",
        )
    return Finding(area="assets", subject=subject, status="ok", found=f"{len(store):,}, all with the right checksum")

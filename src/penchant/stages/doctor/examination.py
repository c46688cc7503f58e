"""`penchant doctor`: all findings in their order."""

from collections.abc import Iterator
from pathlib import Path

from penchant.records.errors import PenchantError
from penchant.stages.doctor.environment import environment
from penchant.stages.doctor.finding import Finding
from penchant.stages.doctor.run_folder import assets, data_findings, run_folder
from penchant.stages.doctor.vector_cache import vector_cache


def examine(run: Path | None = None, events: str | None = None, items: str | None = None) -> list[Finding]:
    """Environment and assets; with `run` that folder; with `events` those tables, which are read and not kept."""
    findings = [*environment(), *assets(), *vector_cache()]
    if run is not None:
        findings += run_folder(run)
    if events is not None:
        findings += _tables(events, items)
    return findings


def _tables(events: str, items: str | None) -> Iterator[Finding]:
    from penchant.data.leaks import leaks_in
    from penchant.data.quality import quality
    from penchant.data.read import read
    from penchant.data.sql import shown
    from penchant.stages.label_coverage import label_coverage
    from penchant.stages.pictures import survey
    from penchant.stages.prepare import personal_data

    try:
        data = read(events, items)
    except PenchantError as error:
        yield Finding(
            area="data",
            subject=shown(events),
            status="bad",
            found=str(error),
            remedy="Mend the table as the message says.",
        )
        return
    found = quality(data, personal=personal_data, labels=label_coverage)
    yield from data_findings(
        {**found, "report": data.report, "pictures": survey(data)},
        "`penchant prepare` lists them",
    )
    for leak in leaks_in(data):
        yield Finding(
            area="data",
            subject="leak",
            status="bad",
            found=str(leak),
            remedy="Drop the column (--drop), or go on knowingly (--allow-leaks).",
        )

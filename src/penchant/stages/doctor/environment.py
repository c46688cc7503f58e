"""Python, libraries, processor, memory, disk: what this machine has for Penchant."""

import os
import platform
import re
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path

from penchant.assets.resolve import default_cache
from penchant.stages.doctor.finding import Finding

EXTRAS = {"serve": ("fastapi", "uvicorn"), "media": ("PIL",), "nlp": ("gensim", "peft"), "postgres": ("psycopg",)}
"""What to look for of each extra; all its libraries come together."""
GIB = 1 << 30
LITTLE_MEMORY, LITTLE_DISK = 2 * GIB, 2 * GIB
FEW_THREADS = 2


def environment() -> Iterator[Finding]:
    """Findings about the machine; nothing is fetched and nothing is changed."""
    yield _python()
    yield from _libraries()
    yield _processor()
    yield from _extras()
    yield _memory()
    yield _disk(default_cache())


def _python() -> Finding:
    found = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    return Finding(area="environment", subject="Python", status="ok", found=found)


def _libraries() -> Iterator[Finding]:
    """The core dependencies: each there, and not older than it may be."""
    old, missing = [], []
    for requirement in requires("penchant") or ():
        name, least = _parse(requirement)
        if "extra ==" in requirement:
            continue
        try:
            found = version(name)
        except PackageNotFoundError:
            missing.append(name)
            continue
        if _numbers(found) < _numbers(least):
            old.append(f"{name} {found} (needs {least})")
    if missing or old:
        yield Finding(
            area="environment",
            subject="libraries",
            status="bad",
            found="; ".join([*(f"{name} is missing" for name in missing), *old]),
            remedy="pip install --upgrade penchant",
        )
    else:
        told = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "polars", "numpy"))
        yield Finding(area="environment", subject="libraries", status="ok", found=told)


def _processor() -> Finding:
    import torch

    threads = torch.get_num_threads()
    if torch.cuda.is_available():
        found = f"{torch.cuda.get_device_name(0)}, {threads} CPU threads"
        return Finding(area="environment", subject="processor", status="ok", found=found)
    found = f"CPU, {os.cpu_count()} cores, {threads} threads"
    if 1 < threads <= FEW_THREADS and os.environ.get("OMP_WAIT_POLICY", "").upper() != "PASSIVE":
        return Finding(
            area="environment",
            subject="processor",
            status="note",
            found=f"{found}, OMP_WAIT_POLICY not set",
            remedy="On a busy machine threads that wait may stall others: export OMP_WAIT_POLICY=PASSIVE.",
        )
    return Finding(area="environment", subject="processor", status="ok", found=found)


def _extras() -> Iterator[Finding]:
    for extra, modules in EXTRAS.items():
        absent = [module for module in modules if find_spec(module) is None]
        yield Finding(
            area="environment",
            subject=f"extra [{extra}]",
            status="note" if absent else "ok",
            found=f"without {', '.join(absent)}" if absent else "installed",
            remedy=f"If you need it: pip install 'penchant[{extra}]'" if absent else "",
        )


def _memory() -> Finding:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else LITTLE_MEMORY
    low = total < LITTLE_MEMORY
    return Finding(
        area="environment",
        subject="memory",
        status="note" if low else "ok",
        found=f"{total / GIB:.1f} GiB",
        remedy="Use --size tiny, or a machine with 2 GiB or more." if low else "",
    )


def _disk(cache: Path) -> Finding:
    place = next(folder for folder in (cache, *cache.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    writable = os.access(place, os.W_OK)
    status, remedy = "ok", ""
    if not writable:
        status, remedy = "bad", "Set PENCHANT_CACHE to a folder that you may write to."
    elif free < LITTLE_DISK:
        status, remedy = "note", "Free some space, or set PENCHANT_CACHE to a larger disk."
    found = f"{cache}: {free / GIB:.1f} GiB free{'' if writable else ', not writable'}"
    return Finding(area="environment", subject="cache", status=status, found=found, remedy=remedy)  # type: ignore[arg-type]


def _parse(requirement: str) -> tuple[str, str]:
    """Name and least version of a requirement such as "torch>=2.4"."""
    found = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*(?:>=\s*([0-9.]+))?", requirement)
    return (found[1], found[2] or "0") if found else (requirement, "0")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text.partition("+")[0])[:3])

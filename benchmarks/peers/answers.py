"""Asks the peers in their own environment, and gives their answers the calibration that our heads get."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from penchant.data.split import Split
from penchant.ranking.calibrate import as_it_is, fit_calibration
from penchant.records import words
from penchant.records.events import Events
from penchant.stages.encode import Encoded
from penchant.tasks.task import Link

HERE = Path(__file__).parent
PEERS = ("BaselineOnly", "SVD", "SVDpp", "SharedBottom", "MMoE", "PLE")


@dataclass(frozen=True, kw_only=True)
class Said:
    """Of the test rows, in their order. `stars` in stars, `likes` chances, both float64 (M,)."""

    stars: np.ndarray
    likes: np.ndarray
    seconds: float = 0.0


def likes_of(stars: np.ndarray, scale: tuple[float, float]) -> np.ndarray:
    return (stars >= scale[0] + words.LIKE_SHARE * (scale[1] - scale[0])).astype(np.float64)


def write_ratings(encoded: Encoded, split: Split, path: Path) -> None:
    """What peers are told: rows, stars, likes, the part of each, and the genres of each item (from 1, 0 = none)."""
    tags = encoded.facts.item_tags.astype(bool)
    genres = np.zeros((len(tags), int(tags.sum(axis=1).max())), np.int64)
    for row, own in enumerate(tags):
        genres[row, : own.sum()] = np.flatnonzero(own) + 1
    stars = encoded.events.values.astype(np.float64)
    np.savez(
        path,
        users=encoded.events.user_rows.astype(np.int64),
        items=encoded.events.item_rows.astype(np.int64),
        stars=stars,
        likes=likes_of(stars, encoded.facts.rating_scale),
        genres=genres,
        parts=np.select([split.train, split.valid], [0, 1], 2),
    )


def ask_peers(environment: Path, folder: Path, seeds: Sequence[int]) -> None:
    """Those that have not answered yet, in their own environment, which is made where there is none."""
    python = environment / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt"], check=True)
    missing = [name for name in PEERS if not all((folder / f"{name}_{seed}.json").exists() for seed in seeds)]
    if missing:
        command = [python, HERE / "ratings.py", folder, "--peers", *missing, "--seeds", *map(str, seeds)]
        subprocess.run(command, check=True)


def calibrated(link: Link, valid: np.ndarray, labels: np.ndarray, test: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """The same regression that our heads get, on what a peer said alone."""
    found = fit_calibration(as_it_is(link), valid[:, None], np.zeros((len(valid), 3)), labels, owners)
    return found(test[:, None], np.zeros((len(test), 3)))


def logit(chances: np.ndarray) -> np.ndarray:
    sure = np.clip(chances, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(sure / (1 - sure)))


def peer_rows(folder: Path, seeds: Sequence[int], valid: Events, low: float, high: float) -> dict[str, list[Said]]:
    """Each peer calibrated, and as it is."""
    rows: dict[str, list[Said]] = {}
    stars, owners = valid.values.astype(np.float64), valid.user_rows
    likes = likes_of(stars, (low, high))
    for name in PEERS:
        for seed in seeds:
            said = np.load(folder / f"{name}_{seed}.npz")
            seconds = json.loads((folder / f"{name}_{seed}.json").read_text())["cpu_seconds"]
            units, own = (
                [said[f"{part}_{reads}"].astype(np.float64) for part in ("valid", "test")]
                for reads in ("rating", "like")
            )
            units = [(values - low) / (high - low) for values in units]
            chances = not np.array_equal(said["test_like"], said["test_rating"])
            logits = [logit(values) for values in own] if chances else units
            shares = calibrated("identity", units[0], (stars - low) / (high - low), units[1], owners)
            better = Said(
                stars=low + (high - low) * shares,
                likes=calibrated("logistic", logits[0], likes, logits[1], owners),
                seconds=seconds,
            )
            rows.setdefault(name, []).append(better)
            raw = Said(stars=said["test_rating"], likes=own[1] if chances else better.likes, seconds=seconds)
            rows.setdefault(f"{name}, as it is", []).append(raw)
    return rows

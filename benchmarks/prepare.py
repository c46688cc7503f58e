"""Seconds, CPU and peak memory of `penchant prepare` on 1 to 10 million events, each in a fresh process.

    PENCHANT_DATA=path/to/data python benchmarks/prepare.py [--millions 1 2 5 10] [--repeats 1]
    python benchmarks/prepare.py --crowd          # 10 million made-up ratings of 4.3 million people and a million items

The events are resampled from real ones, without texts: MovieLens latest small (ratings, a clock) and Steam 200k (two kinds,
hours, no times), every copy with fresh user ids, shuffled, as CSV and as Parquet. About one row in a hundred is spoiled:
repeated, without a user, in milliseconds, or (CSV) with a rating that is no number. Writes docs/images/prepare.png.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import polars as pl

ROOT = Path(__file__).parent.parent
SETS = {"MovieLens": "movielens_latest_small", "Steam": "steam_200k"}
PREPARE = """
import json, resource, sys, time
began = time.perf_counter()
from pathlib import Path
from penchant.stages.prepare import prepare
quality = prepare(Path(sys.argv[2]), events=sys.argv[1])
used = resource.getrusage(resource.RUSAGE_SELF)
report = quality["report"]["events"]
# Of this program alone: ru_maxrss would remember the size of the process that started it.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(json.dumps({
    "seconds": time.perf_counter() - began, "cpu": used.ru_utime + used.ru_stime, "mib": int(peak.split()[1]) / 1024,
    "rows_in": report["rows_in"], "rows_kept": report["rows_kept"], "dropped": report["dropped"],
}))
"""


def resampled(real: pl.DataFrame, num_rows: int) -> pl.DataFrame:
    """So many rows from copies of the real ones, each copy with people of its own; shuffled, one in a hundred spoiled."""
    copies = -(-num_rows // real.height)
    rng = np.random.default_rng(0)
    fresh = [real.with_columns(user_id=pl.format("{}-{}", pl.lit(copy), "user_id")) for copy in range(copies)]
    frame = pl.concat(fresh).head(num_rows)
    rows = rng.permutation(num_rows)
    rows[rng.random(num_rows) < 0.005] = rows[0]
    frame = frame[rows].with_row_index("n")
    frame = frame.with_columns(user_id=pl.when(pl.col("n") % 1009 > 0).then("user_id"))
    if "timestamp" in frame.columns:
        stamp = pl.col("timestamp")
        frame = frame.with_columns(timestamp=pl.when(pl.col("n") % 499 > 0).then(stamp).otherwise(stamp * 1000))
    return frame.drop("n")


def crowd(num_rows: int) -> pl.DataFrame:
    """Ratings of as many different people and items, with ids of 25 letters, as chance brings; a clock."""
    rng = np.random.default_rng(0)
    users, items = rng.integers(num_rows // 2, size=num_rows), rng.integers(num_rows // 10, size=num_rows)
    frame = pl.DataFrame({"user": users, "item": items, "rating": rng.integers(1, 6, num_rows)})
    frame = frame.with_columns(timestamp=1_500_000_000 + pl.Series(rng.integers(100_000_000, size=num_rows)))
    ids = [
        pl.format(f"{word}-{{}}", pl.col(word).cast(pl.String).str.zfill(20)).alias(f"{word}_id")
        for word in ("user", "item")
    ]
    return frame.select(*ids, "rating", "timestamp")


def write(frame: pl.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        frame.write_parquet(path)
        return
    if "rating" in frame.columns:
        spoiled = (
            pl.when(pl.int_range(pl.len()) % 2003 > 0).then(pl.col("rating").cast(pl.String)).otherwise(pl.lit("good"))
        )
        frame = frame.with_columns(rating=spoiled)
    frame.write_csv(path)


def measure(path: Path, run: Path) -> dict[str, Any]:
    told = subprocess.run([sys.executable, "-c", PREPARE, path, run], check=True, capture_output=True, text=True)
    return json.loads(told.stdout)


def measure_crowd(num_rows: int = 10_000_000) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "events.parquet"
        write(crowd(num_rows), path)
        return measure(path, Path(place) / "run")


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """CPU seconds, which neighbours on the machine disturb least, and peak memory; grey: in proportion to the first."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for axis, key, name in ((axes[0], "cpu", "CPU seconds"), (axes[1], "mib", "peak MiB")):
        for what in dict.fromkeys((row["set"], row["format"]) for row in rows):
            mine = [row for row in rows if (row["set"], row["format"]) == what]
            axis.plot([row["millions"] for row in mine], [row[key] for row in mine], marker="o", label=", ".join(what))
        axis.set(xlabel="million events", ylabel=name, xlim=(0, None), ylim=(0, None))
        axis.grid(alpha=0.3)
    axes[1].axhline(2048, color="grey", linestyle=":", label="2 GiB")
    axes[1].set_ylim(0, 2200)
    first, last = rows[0], max(row["millions"] for row in rows)
    axes[0].plot([0, last], [0, first["cpu"] / first["millions"] * last], color="grey", ls=":", label="in proportion")
    for axis in axes:
        axis.legend(fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--millions", type=float, nargs="+", default=[1, 2, 5, 10])
    arguments.add_argument("--repeats", type=int, default=1, help="the quickest of so many counts")
    arguments.add_argument("--crowd", action="store_true", help="only the table of 4.3 million people")
    options = arguments.parse_args()
    if options.crowd:
        print(measure_crowd())
        return
    found = []
    print(
        "| events | set | file | seconds | CPU seconds | peak MiB | kept | rejected |\n|---|---|---|---|---|---|---|---|"
    )
    for name, folder in SETS.items():
        real = pl.read_parquet(Path(os.environ["PENCHANT_DATA"]) / folder / "interactions.parquet")
        for millions in options.millions:
            with tempfile.TemporaryDirectory() as place:
                frame = resampled(real, int(millions * 1e6))
                for suffix in ("csv", "parquet"):
                    path = Path(place) / f"events.{suffix}"
                    write(frame, path)
                    tries = [measure(path, Path(place) / "run") for _ in range(options.repeats)]
                    best = min(tries, key=lambda row: row["seconds"])
                    row = {
                        "set": name,
                        "format": suffix,
                        "millions": millions,
                        **best,
                        "mib": max(t["mib"] for t in tries),
                    }
                    found.append(row)
                    gone = ", ".join(f"{reason} {count:,}" for reason, count in row["dropped"].items())
                    print(
                        f"| {millions:g} million | {name} | {suffix} | {row['seconds']:.1f} | {row['cpu']:.1f} | "
                        f"{row['mib']:,.0f} | {row['rows_kept']:,} | {gone} |",
                        flush=True,
                    )
    for what in dict.fromkeys((row["set"], row["format"]) for row in found):
        first, last = (
            row
            for row in found
            if (row["set"], row["format"]) == what and row["millions"] in (min(options.millions), max(options.millions))
        )
        ratio = last["millions"] / first["millions"]
        powers = (math.log(last[key] / first[key]) / math.log(ratio) for key in ("cpu", "mib"))
        print("{}, {}: CPU grows with the power {:.2f} of the events, memory with {:.2f}".format(*what, *powers))
    plot(found, ROOT / "docs" / "images" / "prepare.png")


if __name__ == "__main__":
    main()

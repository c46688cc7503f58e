"""Reading files of every kind: seconds, MB per second and peak memory, each in a process of its own, beside polars alone.

    python benchmarks/files.py [--rows 2000000] [--huge]

The table is made up (users, items, times, ratings; seed 0), its files lie in a temporary folder. `--huge` adds a CSV of 2 GiB.
polars reads neither GB18030 nor tells of rows that don't fit; its figure is for the plain CSV, all columns text.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

PROBE = """
import sys, time
from pathlib import Path
def peak():
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1]) / 1024
if sys.argv[1] == "polars":
    import polars as pl
    read = lambda path: pl.read_csv(path, infer_schema=False)
else:
    from penchant.data.files import read_file as read
before, cpu, began = peak(), time.process_time(), time.perf_counter()
height = read(Path(sys.argv[2])).height
print(time.perf_counter() - began, time.process_time() - cpu, before, peak(), height)
"""


def table(rows: int) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "user_id": [f"u{number:07d}" for number in rng.integers(0, rows // 20 + 1, rows)],
            "item_id": [f"i{number:06d}" for number in rng.integers(0, 50_000, rows)],
            "rating": rng.integers(1, 6, rows),
            "timestamp": rng.integers(1_500_000_000, 1_700_000_000, rows),
        }
    )


def files(frame: pl.DataFrame, folder: Path) -> list[Path]:
    """The table in every kind; `odd.csv` has a row in a thousand with a cell too many or too few."""
    frame.write_csv(folder / "plain.csv")
    lines = (folder / "plain.csv").read_text().splitlines(keepends=True)
    odd = [
        line.replace("\n", ",x\n") if n % 2000 == 7 else "u1,i1\n" if n % 2000 == 1007 else line
        for n, line in enumerate(lines)
    ]
    (folder / "odd.csv").write_text("".join(odd))
    (folder / "gb18030.csv").write_text("".join(lines).replace("i0", "商品"), encoding="gb18030")
    subprocess.run(["gzip", "-kc", folder / "plain.csv"], stdout=(folder / "packed.csv.gz").open("wb"), check=True)
    frame.write_ndjson(folder / "plain.jsonl")
    nested = frame.head(len(frame) // 4).with_columns(context=pl.struct(device="item_id"))
    nested.write_ndjson(folder / "a quarter, nested.jsonl")
    frame.write_parquet(folder / "plain.parquet")
    return sorted(path for path in folder.iterdir())


def measure(reader: str, path: Path) -> None:
    found = subprocess.run([sys.executable, "-c", PROBE, reader, path], capture_output=True, text=True, check=True)
    seconds, cpu, before, peak, height = map(float, found.stdout.split())
    size = path.stat().st_size / 1e6
    print(
        f"{path.name:<26}{reader:<10}{size:>9.1f} MB {height:>12,.0f} rows {seconds:>8.2f} s {cpu:>8.2f} s CPU "
        f"{size / seconds:>8.1f} MB/s {peak - before:>8.0f} MiB more at the peak",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--huge", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in files(table(options.rows), folder):
            measure("penchant", path)
        measure("polars", folder / "plain.csv")
        if options.huge:
            content = (folder / "plain.csv").read_bytes()
            with (folder / "huge.csv").open("wb") as stream:
                while stream.tell() < 2 << 30:
                    stream.write(content)
            measure("penchant", folder / "huge.csv")
            measure("polars", folder / "huge.csv")


if __name__ == "__main__":
    main()

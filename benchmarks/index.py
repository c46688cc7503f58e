"""Nearest neighbours as the number of vectors grows: time to build, memory, size, latency and what is found.

    OMP_NUM_THREADS=1 python benchmarks/index.py FOLDER [--rows 1000 10000 ...] [--bunch 100] [--plot docs/images/neighbours.png]
    OMP_NUM_THREADS=1 python benchmarks/index.py FOLDER --store ~/.cache/penchant/vectors/SOME_ENCODER

Vectors: 128 wide, of length 1, around one random centre for each `--bunch` of them, with noise of 0.6 of a centre's own spread in
each direction; or all that a vector store holds. Half of the queries lie near a vector (noise 0.05), half between two vectors;
truth is the exact index. Each index is built by a process of its own (memory: its largest resident size; "vectors": with the
vectors alone), then all are mapped into one process and asked one query at a time in turns: those that look at everything in
turns with a plain matrix-vector product of numpy, the others among themselves (medians; with filters, of the CPU). "faiss" is
its IVF with 8-bit codes, with as many lists as our clusters and the fewest probes, by factors of 2, that find what ours promise.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from penchant.retrieval.index.clusters import CENTRES, ClusterIndex
from penchant.retrieval.index.exact import ExactIndex
from penchant.retrieval.index.hnsw import HnswIndex
from penchant.retrieval.index.quantised import QuantisedIndex
from penchant.retrieval.index.trial import trial

WIDTH, K, RECALL, NUM_QUERIES = 128, 10, 0.96, 200
OURS = {"exact": ExactIndex, "quantised": QuantisedIndex, "clusters": ClusterIndex, "hnsw": HnswIndex}
WHOLE = ("plain product", "exact", "quantised")
Search = Callable[[np.ndarray, np.ndarray | None], np.ndarray]


def bunches(num_rows: int, bunch: int) -> np.ndarray:
    random = np.random.default_rng(0)
    centres = random.standard_normal((max(1, num_rows // bunch), WIDTH), np.float32)
    vectors = centres[random.integers(len(centres), size=num_rows)]
    vectors += 0.6 * random.standard_normal(vectors.shape, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def stored(folder: Path) -> np.ndarray:
    """Each vector once, float32."""
    dimension = json.loads((folder / "store.json").read_text())["dimension"]
    return np.unique(np.fromfile(folder / "vectors.f16", np.float16).reshape(-1, dimension), axis=0).astype(np.float32)


def questions(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Near a vector, and between two."""
    random = np.random.default_rng(1)
    ends = vectors[random.integers(len(vectors), size=(NUM_QUERIES, 2))]
    near = ends[:, 0] + 0.05 * random.standard_normal((NUM_QUERIES, vectors.shape[1])).astype(np.float32)
    return near[: NUM_QUERIES // 2], ends[NUM_QUERIES // 2 :].mean(axis=1)


def build(kind: str, vectors: np.ndarray, folder: Path) -> dict[str, Any]:
    began = time.perf_counter()
    cpu = time.process_time()
    if kind == "faiss":
        build_faiss(vectors, folder / kind)
    elif kind in OURS:
        index = OURS[kind].build(vectors)
    spent = time.process_time() - cpu, time.perf_counter() - began
    dials = {}
    if kind in OURS:
        index.save(folder / kind)
        dials = {name: index.settings[name] for name in ("probes", "expansion") if name in index.settings}
    files = [path.stat().st_size for path in (folder / kind).glob("*")]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"kind": kind, "cpu": spent[0], "seconds": spent[1], "mib": peak, "file_mib": sum(files) / 2**20, **dials}


def build_faiss(vectors: np.ndarray, folder: Path) -> None:
    import faiss

    faiss.omp_set_num_threads(1)
    lists = max(1, min(round(CENTRES * math.sqrt(len(vectors))), len(vectors) // 8))
    coarse = faiss.IndexFlatIP(vectors.shape[1])
    index = faiss.IndexIVFScalarQuantizer(
        coarse, vectors.shape[1], lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.train(vectors[:: max(1, len(vectors) // (32 * lists))])
    index.add(vectors)
    queries, true = trial(vectors)
    while index.nprobe < lists:
        found = index.search(queries, K + 1)[1]
        halves = np.split((found[:, :, None] == true[:, None, :]).any(axis=1), 2)
        if min(half.mean() for half in halves) >= RECALL:
            break
        index.nprobe *= 2
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "probes.json").write_text(str(index.nprobe))
    faiss.write_index(index, str(folder / "index.faiss"))


def load_faiss(folder: Path) -> Search:
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.read_index(str(folder / "index.faiss"))
    probes = json.loads((folder / "probes.json").read_text())

    def search(query: np.ndarray, allowed: np.ndarray | None) -> np.ndarray:
        chosen = None if allowed is None else faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        return index.search(query, K, params=faiss.SearchParametersIVF(sel=chosen, nprobe=probes))[1][0]

    return search


def ours(kind: str, folder: Path) -> Search:
    index = OURS[kind].load(folder / kind)
    return lambda query, allowed: index.search(query, K, allowed)[0][0]


def in_turns(searches: dict[str, Search], queries: np.ndarray, allowed: np.ndarray | None) -> dict[str, Any]:
    """Milliseconds by the clock and of the CPU, (B, 2), and rows of each query, by index."""
    spent: dict[str, list[np.ndarray]] = {kind: [] for kind in searches}
    found: dict[str, list[np.ndarray]] = {kind: [] for kind in searches}
    for search in searches.values():
        search(queries[:1], allowed)
    for query in queries:
        for kind, search in searches.items():
            began = np.array([time.perf_counter(), time.process_time()])
            found[kind].append(search(query[None], allowed))
            spent[kind].append(1000 * (np.array([time.perf_counter(), time.process_time()]) - began))
    return {kind: (np.array(spent[kind]), np.array(found[kind])) for kind in searches}


def share_found(found: np.ndarray, true: np.ndarray) -> float:
    return float(np.mean([np.isin(best, some).mean() for some, best in zip(found, true, strict=True)]))


def ask(vectors: np.ndarray, folder: Path, kinds: Sequence[str]) -> dict[str, dict[str, float]]:
    queries = np.concatenate(questions(vectors))
    half = NUM_QUERIES // 2
    searches: dict[str, Search] = {kind: ours(kind, folder) for kind in kinds if kind in OURS}
    if "faiss" in kinds:
        searches["faiss"] = load_faiss(folder / "faiss")
    searches["plain product"] = lambda query, _: vectors @ query[0]
    groups = [[kind for kind in searches if (kind in WHOLE) == whole] for whole in (True, False)]
    truth = ExactIndex.load(folder / "exact")
    masks = {share: np.random.default_rng(2).random(len(vectors)) < share for share in (0.01, 0.1, 0.5)}
    told: dict[str, dict[str, float]] = {kind: {} for kind in searches}
    for group in groups:
        some = {kind: searches[kind] for kind in group}
        true = truth.search(queries, K)[0]
        for kind, (spent, found) in in_turns(some, queries, None).items():
            p50, p99 = np.quantile(spent[:, 0], [0.5, 0.99]).tolist()
            told[kind] |= {"cpu ms": float(np.median(spent[:, 1])), "p50": p50, "p99": p99}
            if kind != "plain product":
                told[kind] |= {
                    "near": share_found(found[:half], true[:half]),
                    "between": share_found(found[half:], true[half:]),
                }
        some.pop("plain product", None)
        for share, mask in masks.items():
            true = truth.search(queries[::5], K, mask)[0]
            for kind, (spent, found) in in_turns(some, queries[::5], mask).items():
                told[kind] |= {f"{share} ms": float(np.median(spent[:, 1])), f"{share}": share_found(found, true)}
    return told


def measure(arguments: argparse.Namespace, num_rows: int) -> list[dict[str, Any]]:
    folder = arguments.folder / str(num_rows)
    given = ["--store", str(arguments.store)] if arguments.store else ["--bunch", str(arguments.bunch)]
    rows = []
    for kind in ("vectors", *arguments.kinds):
        command = [sys.executable, __file__, str(folder), "--rows", str(num_rows), *given, "--build", kind]
        rows.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
        print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    told = ask(make(arguments, num_rows), folder, arguments.kinds)
    by_kind = {row["kind"]: row for row in rows}
    return [{"rows": num_rows, "kind": kind, **by_kind.get(kind, {}), **values} for kind, values in told.items()]


def make(arguments: argparse.Namespace, num_rows: int) -> np.ndarray:
    return stored(arguments.store) if arguments.store else bunches(num_rows, arguments.bunch)


def table(rows: list[dict[str, Any]]) -> str:
    head = (
        "| vectors | index | build s (cpu) | peak MiB | file MiB | CPU ms | p50 ms | p99 ms | recall@10 near | between "
        "| 1% ms | recall | 10% ms | recall | 50% ms | recall |"
    )
    names = (
        "cpu ms",
        "p50",
        "p99",
        "near",
        "between",
        *(f"{share}{what}" for share in (0.01, 0.1, 0.5) for what in (" ms", "")),
    )
    lines = [head, "|" + "---|" * 16]
    for row in rows:
        build = (f"{row[name]:.0f}" if name in row else "" for name in ("cpu", "mib", "file_mib"))
        asked = (f"{row[name]:.3f}" if name in row else "" for name in names)
        lines.append("| " + " | ".join([f"{row['rows']:,}", row["kind"], *build, *asked]) + " |")
    return "\n".join(lines)


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    for place, kind in enumerate(dict.fromkeys(row["kind"] for row in rows)):
        own = [row for row in rows if row["kind"] == kind]
        left.loglog(
            [row["rows"] for row in own], [row["cpu ms"] for row in own], marker="o", color=f"C{place}", label=kind
        )
        if "cpu" in own[0]:
            right.loglog(
                [row["rows"] for row in own],
                [max(row["cpu"], 1e-3) for row in own],
                marker="o",
                color=f"C{place}",
                label=kind,
            )
    left.set(xlabel="vectors", ylabel="CPU milliseconds of a query (median)", title="Asking")
    right.set(xlabel="vectors", ylabel="CPU seconds", title="Building")
    left.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--bunch", type=int, default=100)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--kinds", nargs="+", default=[*OURS, "faiss"])
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--build", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.build:
        print(json.dumps(build(arguments.build, make(arguments, arguments.rows[0]), arguments.folder)))
        return
    sizes = [len(stored(arguments.store))] if arguments.store else arguments.rows
    rows: list[dict[str, Any]] = []
    for num_rows in sizes:
        rows += measure(arguments, num_rows)
        (arguments.folder / "rows.json").write_text(json.dumps(rows, indent=1))
    print(table(rows))
    if arguments.plot:
        plot(rows, arguments.plot)


if __name__ == "__main__":
    main()

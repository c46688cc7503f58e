"""Items that nobody has met in training: text-kNN, UniSRec's recipe, the source `fresh`, and the fusion without a network.

    PENCHANT_DATA=path/to/data python benchmarks/cold.py [--sets movielens_100k steam_reviews amazon_beauty_2014] [--seeds 0 1 2]

By global time new items are those that nobody met before the test. Amazon Beauty has no times: a tenth of its items is withheld
from all training, and of the others another tenth from what the choices are made on, so that a choice too sees new items;
leave-last-out. `unseen` ranks new items alone, `whole` among all, both of the cases that seek one; `all` is of all cases.
NDCG@10, with paired differences to UniSRec by case, on the mean over seeds.

UniSRec (Hou et al. 2022, arXiv:2206.05941) without its pre-training: frozen text vectors, whitened; a mixture of parametric
whitening experts; a causal transformer over the history; cosine softmax at a temperature, no ids. The epoch is chosen on valid.
"""

import argparse
import os
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from sources import TIMED, Ground, difference, fused, read_set
from torch import nn
from torch.nn import functional

from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import only, rank_cases
from penchant.records.events import Histories
from penchant.stages.candidates import choose_sources, fit_sources, settings_of
from penchant.stages.encode import Encoded
from penchant.stages.fusing import some_cases
from penchant.stages.protocols import find_protocol, make_cases

Score = Callable[[Histories], np.ndarray]
SIZE, NUM_EXPERTS, LENGTH, TEMPERATURE, NUM_NEGATIVES, EPOCHS, BATCH = 64, 8, 50, 0.07, 1024, 12, 64


def whitened(vectors: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """Mean 0 and covariance near I over the items under `fitted`; float32 (I, d), d at most 128."""
    known = vectors.any(axis=1)
    centred = vectors - vectors[known & fitted].mean(axis=0)
    _, lengths, axes = np.linalg.svd(centred[known & fitted], full_matrices=False)
    deviations = lengths[:128] / np.sqrt((known & fitted).sum())
    return np.asarray((centred @ axes[:128].T) / (deviations + 0.1 * deviations[0]) * known[:, None], np.float32)


class UniSRec(nn.Module):
    def __init__(self, vectors: np.ndarray) -> None:
        super().__init__()
        self.register_buffer("vectors", torch.from_numpy(vectors))
        width = vectors.shape[1]
        self.shifts = nn.Parameter(torch.zeros(NUM_EXPERTS, width))
        self.experts = nn.Parameter(torch.randn(NUM_EXPERTS, width, SIZE) * width**-0.5)
        self.gate = nn.Linear(width, NUM_EXPERTS)
        self.positions = nn.Parameter(torch.randn(LENGTH, SIZE) * 0.02)
        layer = nn.TransformerEncoderLayer(SIZE, 2, 4 * SIZE, dropout=0.2, activation="gelu", batch_first=True)
        self.trunk = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def items(self) -> torch.Tensor:
        gates = self.gate(self.vectors)
        if self.training:
            gates = gates + torch.randn_like(gates) * 0.1
        spread = torch.einsum("id,eds->ies", self.vectors, self.experts) - torch.einsum(
            "ed,eds->es", self.shifts, self.experts
        )
        return torch.einsum("ie,ies->is", gates.softmax(dim=1), spread)

    def states(self, rows: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
        """rows: int64 (B, L), -1 fills at the end -> (B, L, SIZE)."""
        inputs = functional.dropout(table[rows.clamp(min=0)] + self.positions[: rows.shape[1]], 0.2, self.training)
        mask = torch.triu(torch.full((rows.shape[1],) * 2, float("-inf")), 1)
        return self.trunk(inputs, mask=mask, is_causal=True)


def padded(histories: Histories) -> torch.Tensor:
    rows = torch.full((len(histories), max(1, min(LENGTH, int(histories.lengths.max(initial=0))))), -1)
    for place, (begin, end) in enumerate(pairwise(histories.ptr)):
        items = histories.item_rows[begin:end]
        items = items[items >= 0][-LENGTH:]
        rows[place, : len(items)] = torch.from_numpy(items.astype(np.int64))
    return rows


def scorer(model: UniSRec) -> Score:
    model.eval()
    with torch.inference_mode():
        table = model.items()
        directions = functional.normalize(table, dim=1)

    @torch.inference_mode()
    def score(histories: Histories) -> np.ndarray:
        rows = padded(histories)
        last = model.states(rows, table)[torch.arange(len(rows)), (rows >= 0).sum(dim=1).clamp(min=1) - 1]
        found = functional.normalize(last, dim=1) @ directions.T
        return np.where((rows >= 0).any(dim=1).numpy()[:, None], found.numpy(), 0).astype(np.float32)

    return score


def fit_unisrec(ground: Ground, seed: int) -> Score:
    """The epochs chosen on valid, then as many on train and valid."""
    torch.manual_seed(seed)
    scores: list[float] = []
    learn(
        ground,
        ground.valid,
        True,
        lambda model: scores.append(float(rank_cases(scorer(model), ground.valid).ndcg.mean())),
    )
    epochs = 1 + int(np.argmax(scores))
    return scorer(learn(ground, ground.test, False, lambda _: None, epochs))


def learn(ground: Ground, cases: Cases, early: bool, after: Callable[[UniSRec], None], epochs: int = EPOCHS) -> UniSRec:
    events = ground.past if early else ground.fitted
    events = events.take(events.speak_for_items)
    order, ptr = events.grouped(len(ground.encoded.users))
    chunks = [
        events.item_rows[order[begin : min(begin + LENGTH + 1, end)]]
        for first, end in pairwise(ptr)
        for begin in range(first, end - 1, LENGTH)
    ]
    rows = torch.full((len(chunks), LENGTH + 1), -1)
    for place, chunk in enumerate(chunks):
        rows[place, : len(chunk)] = torch.from_numpy(chunk.astype(np.int64))
    met = torch.from_numpy(np.unique(events.item_rows).astype(np.int64))
    model = UniSRec(whitened(ground.encoded.item_vectors, cases.known_items))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-4)
    for _ in range(epochs):
        model.train()
        for some in sorted_batches(rows):
            table = model.items()
            longest = int((rows[some] >= 0).sum(dim=1).max())
            inputs, targets = rows[some][:, : longest - 1], rows[some][:, 1:longest]
            asked = targets >= 0
            states = functional.normalize(model.states(inputs, table)[asked], dim=1)
            pool = torch.cat([targets[asked].unique(), met[torch.randint(len(met), (NUM_NEGATIVES,))]]).unique()
            logits = states @ functional.normalize(table[pool], dim=1).T / TEMPERATURE
            loss = functional.cross_entropy(logits, torch.searchsorted(pool, targets[asked]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        after(model)
    return model


def sorted_batches(rows: torch.Tensor) -> list[torch.Tensor]:
    """Batches of about equal length in an order of chance."""
    order = torch.randperm(len(rows))
    order = order[torch.argsort((rows[order] >= 0).sum(dim=1), stable=True)]
    batches = list(order.split(BATCH))
    return [batches[place] for place in torch.randperm(len(batches))]


def with_withheld_items(encoded: Encoded, share: float = 0.1) -> Ground:
    events, rng = encoded.events, np.random.default_rng(0)
    draw = rng.random(len(encoded.items))[np.maximum(events.item_rows, 0)]
    split = find_protocol("leave-last-out").split(encoded, 0, 0)
    fitted, past = split.before_test(events) & (draw >= share), split.train & (draw >= 2 * share)
    valid = make_cases(encoded, "leave-last-out", past, split.valid & (draw >= share))
    asked = make_cases(encoded, "leave-last-out", fitted, split.test)
    return Ground(
        encoded=encoded,
        past=events.take(past),
        fitted=events.take(fitted),
        valid=some_cases(valid, 2000, rng),
        test=some_cases(asked, 5000, rng),
    )


def run(ground: Ground, seeds: list[int]) -> None:
    chosen = choose_sources(ground.past, ground.encoded, ground.valid)
    late = fit_sources(ground.fitted, ground.encoded, settings_of(chosen))
    old, old_late = ({name: s for name, s in some.items() if name != "fresh"} for some in (chosen, late))
    systems: dict[str, list[Score]] = {
        "random": [lambda histories: np.random.default_rng(0).random((len(histories), ground.test.num_items))],
        "UniSRec": [fit_unisrec(ground, seed) for seed in seeds],
        "text-kNN": [late["text-kNN"].score],
        "fresh": [late["fresh"].score],
        "fusion without fresh": [fused(ground, old, old_late)],
        "fusion": [fused(ground, chosen, late)],
    }
    new = ~ground.test.known_items
    asked = ground.test.among(new)
    print(
        f"{int(new.sum())} new items, sought by {len(asked)} of {len(ground.test)} cases; fresh {late['fresh'].settings}"
    )
    figures = {name: [figures_of(score, ground.test, asked, new) for score in some] for name, some in systems.items()}
    means = {name: [np.mean(values, axis=0) for values in zip(*some, strict=True)] for name, some in figures.items()}
    for name, values in means.items():
        cells = (
            f"{mean.mean():.4f} ({difference(mean, base)})" for mean, base in zip(values, means["UniSRec"], strict=True)
        )
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def figures_of(score: Score, test: Cases, asked: Cases, new: np.ndarray) -> list[np.ndarray]:
    """NDCG@10 by case: among the new items, of new ones in the whole catalogue, and of everything."""
    unseen, whole = rank_cases(only(score, new), asked), rank_cases(score, asked).among(new)
    return [unseen.ndcg, whole.ndcg, rank_cases(score, test).ndcg]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=["movielens_100k", "steam_reviews", "amazon_beauty_2014"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--encoder", default="tfidf")
    options = parser.parse_args()
    root = os.environ.get("PENCHANT_DATA") or sys.exit("Set PENCHANT_DATA to the folder of data sets.")
    for name in options.sets:
        encoded = read_set(Path(root) / name, options.encoder)
        ground = Ground.of(encoded, "global-time") if name in TIMED else with_withheld_items(encoded)
        print(f"\n## {name}: {len(encoded.items)} items\n| row | unseen | whole | all |\n|---|---|---|---|", flush=True)
        run(ground, options.seeds)


if __name__ == "__main__":
    main()

"""What pictures bring, in a made-up shop: drawn patterns in many colours, titles that say nothing, people who follow a pattern.

    python benchmarks/media.py [--seeds 0 1 2]

Nothing here is real: it shows that pictures are understood and used, not how much they bring elsewhere. New articles are ranked
among each other (24, 4 of each of 6 patterns) for 120 people, by `penchant`, tiny, with the encoder `hashing`: the share of a
person's pattern among their best 4; chance is 1/6. `source` is NDCG@10 of known articles, leave-last-out. `loud` is how loud
pictures start beside texts.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from penchant.stages.compared_rows import Ground, answer
from penchant.stages.config import resolve_config
from penchant.stages.encode import encode
from penchant.stages.model import Model

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from stages.drawn_shop import NEW, PATTERNS, Shop, drawn_shop

PEOPLE, EPOCHS = 120, (14, 30)
LOUD = (1.0, 2.0, 4.0)
ROWS = ("popularity", "item-kNN", "text-kNN", "media-kNN")


def learned(shop: Shop, seed: int, loud: float = 1.0, epochs: int = 14) -> Model:
    """With pictures that are so many times as loud as texts."""
    from penchant.stages.assemble import fit_encoded

    encoded = encode(shop.data, "hashing")
    if loud != 1.0 and encoded.reader.pictures is not None:
        encoded = encode(
            shop.data, "hashing", pictures=replace(encoded.reader.pictures, scale=loud * encoded.reader.pictures.scale)
        )
    return fit_encoded(encoded, resolve_config("tiny", seed, epochs=epochs))


def share(model: Model, shop: Shop, *, titles: bool = False) -> float:
    """Of a person's pattern among their best new articles, which show a picture, and say their title or nothing."""
    rows = [row if titles else {name: row[name] for name in row if name != "title"} for row in shop.new]
    names = [row["item_id"] for row in rows]
    people = [f"u{person}" for person in range(PEOPLE)]
    found = pl.DataFrame(model.recommend(people, items=rows, k=NEW, candidates=names))
    pairs = found.select("user_id", "item_id").iter_rows()
    return float(np.mean([int(user[1:]) % len(PATTERNS) == shop.pattern[item] for user, item in pairs]))


def told(name: str, values: list[float]) -> None:
    found = np.array(values)
    half = 4.303 * found.std(ddof=1) / len(found) ** 0.5 if len(found) == 3 else float("nan")
    print(
        f"| {name} | {found.mean():.3f} | +-{half:.3f} | {', '.join(f'{value:.3f}' for value in found)} |", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    seeds = parser.parse_args().seeds
    shops = {seed: drawn_shop(seed) for seed in seeds}
    print("| new articles, 4 best | mean | 95 % over seeds | by seed |\n|---|---|---|---|")
    for epochs in EPOCHS:
        told(f"a picture alone, {epochs} epochs", [share(learned(shops[s], s, 1.0, epochs), shops[s]) for s in seeds])
    mixed = {seed: drawn_shop(seed, shuffled=True) for seed in seeds}
    told("pictures shuffled", [share(learned(mixed[s], s), mixed[s]) for s in seeds])
    plain = {seed: drawn_shop(seed, pictures=False) for seed in seeds}
    told("no pictures, title", [share(learned(plain[s], s), plain[s], titles=True) for s in seeds])
    for loud in LOUD:
        models = {seed: learned(shops[seed], seed, loud) for seed in seeds}
        told(f"loud {loud:g}, picture alone", [share(models[s], shops[s]) for s in seeds])
        told(f"loud {loud:g}, picture and title", [share(models[s], shops[s], titles=True) for s in seeds])
    for row in ROWS:
        told(f"source {row}", [_ndcg(row, shops[seed], seed) for seed in seeds])
    _pace()


def _ndcg(row: str, shop: Shop, seed: int) -> float:
    ground = Ground.of(encode(shop.data, "hashing"), "leave-last-out", 10)
    lists = answer(row, ground, resolve_config("tiny", seed))[row].lists
    sought = np.full(len(ground.asked), -1)
    sought[ground.asked.relevant_owners] = ground.asked.relevant_rows
    hit, place = (lists == sought[:, None]).any(axis=1), (lists == sought[:, None]).argmax(axis=1)
    return float(np.where(hit, 1 / np.log2(place + 2), 0).mean())


def _pace() -> None:
    """Pictures a second, from packed bytes to features."""
    from penchant.media.encoder import PictureEncoder
    from penchant.media.pictures import find
    from stages.drawn_shop import address, drawing

    rng = np.random.default_rng(0)
    known = {p.digest: p for p in (find(address(drawing("dots", rng)), None) for _ in range(64))}
    encoder = PictureEncoder(known)
    encoder.encode(list(known)[:16])
    began = time.perf_counter()
    encoder.encode(list(known))
    print(f"{len(known) / (time.perf_counter() - began):.1f} pictures a second")


if __name__ == "__main__":
    main()

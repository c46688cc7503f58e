"""Do interest labels find the items and people that they name, in their own language and in another?

    PENCHANT_DATA=path/to/data python benchmarks/interests.py [--encoders minilm e5-small]

Films: title, plot and tagline (never the genre) of MovieLens against 18 genres, in English and in Chinese. Games: title and up
to five reviews of Steam games against 20 tags, likewise. The other way round: Chinese reviews against their domain, named in
English. "Cosine" has seen no example; "head" has learned from 70% of the items and is measured on the others; for "unseen"
half of the labels had no example and borrow the calibration. AUC is the mean over labels, its interval resamples items.
People: the genres of their later likes.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import torch

from penchant.data.read import read
from penchant.data.rows import to_events
from penchant.evaluation.prediction import auc, calibration_error
from penchant.records.events import histories_of
from penchant.records.vocabulary import Vocabulary
from penchant.stages.encoders import make_encoder
from penchant.stages.reader import read_texts
from penchant.text.interests import carried_by, fit_interests

GENRES = {
    "Action": "动作", "Adventure": "冒险", "Animation": "动画", "Children": "儿童", "Comedy": "喜剧", "Crime": "犯罪",
    "Documentary": "纪录片", "Drama": "剧情", "Fantasy": "奇幻", "Film-Noir": "黑色电影", "Horror": "恐怖", "Musical": "歌舞",
    "Mystery": "悬疑", "Romance": "爱情", "Sci-Fi": "科幻", "Thriller": "惊悚", "War": "战争", "Western": "西部",
}  # fmt: skip
GAME_TAGS = {
    "Action": "动作", "Adventure": "冒险", "Strategy": "策略", "RPG": "角色扮演", "Simulation": "模拟", "Casual": "休闲",
    "Multiplayer": "多人", "Co-op": "合作", "FPS": "第一人称射击", "Horror": "恐怖", "Open World": "开放世界", "Sci-fi": "科幻",
    "Fantasy": "奇幻", "Puzzle": "解谜", "Racing": "赛车", "Survival": "生存", "Funny": "搞笑", "Sandbox": "沙盒",
    "Zombies": "僵尸", "Free to Play": "免费",
}  # fmt: skip
DOMAINS = {
    "hotel": "hotel", "takeaway food": "takeaway", "books": "书籍", "tablet computer": "平板", "mobile phone": "手机",
    "fruit": "水果", "shampoo": "洗发水", "water heater": "热水器", "milk": "蒙牛",
    "clothes": "衣服", "laptop computer": "计算机",
}  # fmt: skip


def films(data: Path, encoder: str, most: int = 600) -> tuple[list[str], np.ndarray, list[list[str]]]:
    """Ids, vectors and genres of films with a plot."""
    table = pl.read_parquet(data / "movielens_latest_small" / "items.parquet").filter(
        pl.col("description").is_not_null()
    )
    table = table.sample(min(most, len(table)), seed=0)
    texts = [". ".join(filter(None, row)) for row in table.select("title", "description", "tagline").iter_rows()]
    return table["item_id"].to_list(), read_texts(texts, make_encoder(encoder)), table["categories"].to_list()


def games(data: Path, encoder: str, most: int = 200) -> tuple[np.ndarray, list[list[str]]]:
    """Vectors (mean over title and five reviews) and tags of the games with the most reviews."""
    folder = data / "steam_reviews"
    reviews = pl.read_parquet(folder / "interactions.parquet").filter(pl.col("review_text").str.len_chars() >= 20)
    five = reviews.group_by("item_id", maintain_order=True).agg(pl.len(), pl.col("review_text").head(5))
    items = (
        pl.read_parquet(folder / "items.parquet")
        .select("item_id", "title", "tags")
        .unique("item_id", maintain_order=True)
    )
    table = five.join(items, on="item_id").filter(pl.col("len") >= 5, pl.col("title").is_not_null())
    table = table.sort("len", "item_id", descending=[True, False]).head(most)
    texts = [text for title, told in table.select("title", "review_text").iter_rows() for text in (title, *told)]
    vectors = read_texts(texts, make_encoder(encoder)).reshape(len(table), 6, -1).mean(axis=1)
    return vectors, [row or [] for row in table["tags"].to_list()]


def chinese_reviews(data: Path, encoder: str, per_domain: int = 100) -> tuple[np.ndarray, list[list[str]]]:
    """Vectors of reviews, and the English name of the domain of each."""
    table = pl.read_parquet(data / "zh_reviews" / "reviews.parquet").filter(
        pl.col("domain").is_in(list(DOMAINS.values()))
    )
    parts = pl.concat([part.sample(500, seed=0).head(per_domain) for _, part in sorted(table.group_by("domain"))])
    names = {domain: name for name, domain in DOMAINS.items()}
    return read_texts(parts["review"].to_list(), make_encoder(encoder)), [[names[domain]] for domain in parts["domain"]]


def mean_auc(truth: np.ndarray, scores: np.ndarray) -> float:
    found = [auc(truth[:, k].astype(float), scores[:, k]) for k in range(truth.shape[1])]
    return float(np.mean([value for value in found if value is not None]))


def with_interval(truth: np.ndarray, scores: np.ndarray, num_resamples: int = 200) -> str:
    rng = np.random.default_rng(0)
    drawn = [mean_auc(truth[rows], scores[rows]) for rows in rng.integers(0, len(truth), (num_resamples, len(truth)))]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{mean_auc(truth, scores):.3f} [{low:.3f}, {high:.3f}]"


def measure(
    name: str, encoder: str, labels: Sequence[str], vectors: np.ndarray, truth: np.ndarray, seeds: Sequence[int]
) -> None:
    """One row: cosine on all items; head and unseen labels on the 30% that were not learned from, mean over seeds."""
    label_vectors = read_texts(list(labels), make_encoder(encoder))
    blank = fit_interests(labels, label_vectors, vectors, np.zeros_like(truth))
    figures = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        test = rng.random(len(vectors)) < 0.3
        seen = rng.permutation(len(labels)) < len(labels) / 2
        full = fit_interests(labels, label_vectors, vectors[~test], truth[~test], seed).scores(vectors[test])
        half = fit_interests(labels, label_vectors, vectors[~test], truth[~test] & seen, seed).scores(vectors[test])
        rest = truth[test].astype(float)
        figures.append(
            (mean_auc(rest, full), calibration_error(rest, full), mean_auc(rest[:, ~seen], half[:, ~seen]),
             calibration_error(rest[:, ~seen], half[:, ~seen]), calibration_error(rest, blank.scores(vectors[test])))
        )  # fmt: skip
    told = " | ".join(f"{value:.3f}" for value in np.mean(np.array(figures, float), axis=0))
    print(f"| {name} | {encoder} | {with_interval(truth, blank.scores(vectors))} | {told} |", flush=True)


def measure_people(data: Path, encoder: str) -> None:
    """How well the genres of earlier likes foretell those of the last fifth of each person's likes, against everybody's mean."""
    ids, vectors, genres = films(data, encoder)
    table = pl.read_parquet(data / "movielens_latest_small" / "interactions.parquet")
    table = table.filter(pl.col("item_id").is_in(ids), pl.col("rating") >= 3.5).sort("timestamp")
    read_in = read(table.select("user_id", "item_id", "timestamp", "rating"))
    users, items = Vocabulary(read_in.users["user_id"].to_list()), Vocabulary(ids)
    events = to_events(read_in, users, items)
    order, ptr = events.grouped(len(users))
    place = np.empty(len(events))
    place[order] = (np.arange(len(events)) - np.repeat(ptr[:-1], np.diff(ptr))) / np.repeat(np.diff(ptr), np.diff(ptr))
    later = place >= 0.8
    people = np.flatnonzero(np.bincount(events.user_rows[later], minlength=len(users)) >= 5)
    truth = carried_by(genres, list(GENRES))
    label_vectors = read_texts(list(GENRES), make_encoder(encoder))
    shares = np.stack([truth[events.item_rows[later & (events.user_rows == user)]].mean(axis=0) for user in people])
    histories = histories_of(events.take(~later), people, np.zeros(len(people)), len(users))
    for told, carried in (("cosine", np.zeros_like(truth)), ("head", truth)):
        found = fit_interests(list(GENRES), label_vectors, vectors, carried)
        for half_life in (5.0, 20.0, 1e9):
            scores = found.people(histories, found.scores(vectors), half_life=half_life)
            both = np.corrcoef((scores - scores.mean(axis=0)).ravel(), (shares - shares.mean(axis=0)).ravel())[0, 1]
            error = np.abs(scores - shares).mean()
            base = np.abs(shares.mean(axis=0) - shares).mean()
            print(f"| {encoder}, {told} | {half_life:g} | {both:.3f} | {error:.3f} | {base:.3f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoders", nargs="+", default=["minilm", "e5-small"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    data = Path(os.environ["PENCHANT_DATA"])
    print("| labels | encoder | cosine AUC | head AUC | error | unseen AUC | error | cosine error |")
    print("|---|---|---|---|---|---|---|---|")
    for encoder in arguments.encoders:
        _, vectors, genres = films(data, encoder)
        truth = carried_by(genres, list(GENRES))
        measure("films, English genres", encoder, list(GENRES), vectors, truth, arguments.seeds)
        measure("films, Chinese genres", encoder, list(GENRES.values()), vectors, truth, arguments.seeds)
        vectors, domains = chinese_reviews(data, encoder)
        measure(
            "Chinese reviews, English domains",
            encoder,
            list(DOMAINS),
            vectors,
            carried_by(domains, list(DOMAINS)),
            arguments.seeds,
        )
        vectors, tags = games(data, encoder)
        truth = carried_by(tags, list(GAME_TAGS))
        measure("games, English tags", encoder, list(GAME_TAGS), vectors, truth, arguments.seeds)
        measure("games, Chinese tags", encoder, list(GAME_TAGS.values()), vectors, truth, arguments.seeds)
    print("\n| people | half life, events | correlation | mean error | of everybody's mean |\n|---|---|---|---|---|")
    for encoder in arguments.encoders:
        measure_people(data, encoder)


if __name__ == "__main__":
    main()

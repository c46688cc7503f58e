"""How well `spam_weights` tells injected campaigns from real people, and what it costs those.

    PENCHANT_DATA=path/to/data python benchmarks/spam.py [--data steam_reviews] [--kinds copied] [--seeds 10] [--shares .01]

SYNTHETIC: campaigns are made up and put among real events, which count as honest although some are not. A figure here says that
the signs do what they are for; it says nothing of real fraud.

Each line: ROC-AUC over users (a user is as suspicious as their worst event) and over events (camouflage is left out), mean of the
seeds, with a 95% bootstrap over users; the share of their weight that honest events lose (beside what they lose without any
campaign) and that the campaign's events lose.
"""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from penchant.evaluation.prediction import auc
from penchant.text.spam import spam_weights

DATA = ("amazon_gift_cards_2018", "steam_reviews", "movielens_latest_small")
DAY = 86_400
SYNONYMS = (
    "good great nice excellent amazing awesome fantastic",
    "bad poor terrible awful",
    "buy purchase get order",
    "bought purchased got ordered",
    "love like enjoy adore",
    "game title experience",
    "fun enjoyable entertaining",
    "easy simple quick",
    "very really extremely so",
    "gift present",
    "card voucher",
    "people folks everyone",
    "recommend suggest",
    "play try",
    "best greatest finest",
    "money cash",
    "perfect ideal flawless",
    "also too",
    "works functions runs",
    "big large huge",
)
INSTEAD = {word: group.split() for group in SYNONYMS for word in group.split()}
TAILS = ("", "!", "!!!", " :)", " 10/10", " A+", " thanks", " recommended")


@dataclass(frozen=True)
class Shop:
    """Real events, their users and items, the times and ratings that occur."""

    events: pl.DataFrame
    items: np.ndarray
    times: np.ndarray
    best: float
    texts: list[str]


Rng = np.random.Generator
Campaign = Callable[[Shop, Rng, list[str]], pl.DataFrame]


def read_shop(folder: Path) -> Shop:
    raw = pl.read_parquet(folder / "interactions.parquet").drop_nulls("timestamp")
    text = pl.col("review_text") if "review_text" in raw.columns else pl.lit(None, pl.String)
    events = raw.select("user_id", "item_id", "timestamp", value=pl.col("rating").cast(pl.Float64), text=text)
    counts = events.group_by("item_id").len().filter(pl.col("len").is_between(3, 50)).sort("item_id")
    long = events["text"].drop_nulls().unique(maintain_order=True)
    long = long.filter((long.str.len_chars() >= 80) & long.str.contains(r"^[\x20-\x7e]+$"))
    best = events["value"].max()
    assert isinstance(best, float)
    return Shop(events, counts["item_id"].to_numpy(), np.sort(events["timestamp"].to_numpy()), best, long.to_list())


def push(
    shop: Shop, rng: Rng, users: list[str], times: Callable[[int], np.ndarray], texts: Callable[[int], list]
) -> pl.DataFrame:
    """Each user gives the best rating to one to three of the targets; there is a target for every 15 users."""
    targets = rng.choice(shop.items, max(1, len(users) // 15), replace=False)
    pairs = [
        (user, item)
        for user in users
        for item in rng.choice(targets, min(len(targets), int(rng.integers(1, 4))), replace=False)
    ]
    return pl.DataFrame(
        {
            "user_id": [user for user, _ in pairs],
            "item_id": [item for _, item in pairs],
            "timestamp": times(len(pairs)).astype(np.int64) // DAY * DAY,
            "value": np.full(len(pairs), shop.best),
            "text": pl.Series(texts(len(pairs)), dtype=pl.String),
        }
    )


def within(shop: Shop, rng: Rng, days: float) -> Callable[[int], np.ndarray]:
    """Times within so many days of a moment at which people were there."""
    start = float(rng.choice(shop.times[len(shop.times) // 10 : -len(shop.times) // 10]))
    return lambda count: start + rng.random(count) * days * DAY


def slowly(shop: Shop, rng: Rng) -> Callable[[int], np.ndarray]:
    return lambda count: rng.choice(shop.times, count)


def silent(count: int) -> list[None]:
    return [None] * count


def copies(shop: Shop, rng: Rng, change: Callable[[Rng, str], str]) -> Callable[[int], list[str]]:
    """Altered copies of a few real texts: one for every 20 wanted."""

    def make(count: int) -> list[str]:
        originals = rng.choice(shop.texts, max(1, count // 20), replace=False)
        return [change(rng, str(rng.choice(originals))) for _ in range(count)]

    return make


def retouch(rng: Rng, text: str) -> str:
    """Three letters changed, another end, sometimes other capitals."""
    letters = list(text)
    for place in rng.integers(0, len(letters), 3):
        letters[place] = rng.choice(list("abcdefghij "))
    text = "".join(letters) + str(rng.choice(TAILS))
    return text.lower() if rng.random() < 0.3 else text


def reword(rng: Rng, text: str) -> str:
    """Words shuffled, a tenth left out, synonyms for half of those that have some."""
    words = [word for word in rng.permutation(text.split()) if rng.random() > 0.1]
    return " ".join(
        str(rng.choice(INSTEAD[word])) if word in INSTEAD and rng.random() < 0.5 else str(word) for word in words
    )


def normal_past(shop: Shop, rng: Rng, users: list[str]) -> pl.DataFrame:
    """Each user does what some real person did, up to a month off, without the texts."""
    people = shop.events["user_id"].unique().sort()
    models = pl.DataFrame({"user_id": people.gather(rng.integers(0, len(people), len(users))), "new": users})
    past = models.join(shop.events, on="user_id").sort("new", "item_id", "timestamp")
    moved = past["timestamp"] + rng.integers(-30, 30, past.height) * DAY
    return past.select("item_id", "value", user_id="new", timestamp=moved, text=pl.lit(None, pl.String))


CAMPAIGNS: dict[str, Campaign] = {
    "copied": lambda s, r, u: push(s, r, u, within(s, r, 60), copies(s, r, retouch)),
    "reworded": lambda s, r, u: push(s, r, u, within(s, r, 60), copies(s, r, reword)),
    "burst": lambda s, r, u: push(s, r, u, within(s, r, 2), silent),
    "slow": lambda s, r, u: push(s, r, u, slowly(s, r), silent),
    "camouflaged copied": lambda s, r, u: push(s, r, u, slowly(s, r), copies(s, r, retouch)),
    "camouflaged burst": lambda s, r, u: push(s, r, u, within(s, r, 2), silent),
    "camouflaged slow": lambda s, r, u: push(s, r, u, slowly(s, r), silent),
}


@dataclass(frozen=True)
class Outcome:
    """One campaign: scores and labels of users and events, and weights lost."""

    user_scores: np.ndarray
    user_labels: np.ndarray
    event_scores: np.ndarray
    event_labels: np.ndarray
    event_users: np.ndarray
    honest_loss: float
    campaign_loss: float


def run(shop: Shop, kind: str, share: float, seed: int) -> Outcome:
    rng = np.random.default_rng(seed)
    users = [f"new{number}" for number in range(max(3, round(share * shop.events["user_id"].n_unique())))]
    parts = [shop.events.with_columns(label=0), CAMPAIGNS[kind](shop, rng, users).with_columns(label=1)]
    if kind.startswith("camouflaged"):
        parts.append(normal_past(shop, rng, users).with_columns(label=2))
    events = pl.concat(parts, how="diagonal").sample(fraction=1, shuffle=True, seed=seed)
    judged = events.with_columns(spam_weights(events.drop("label")).select("weight", "score"))
    people = judged.group_by("user_id").agg(pl.col("score").max(), pl.col("label").max() > 0).sort("user_id")
    shown = judged.filter(pl.col("label") < 2)
    honest, campaign = (1 - shown.filter(label=label)["weight"].mean() for label in (0, 1))
    return Outcome(
        people["score"].to_numpy(),
        people["label"].cast(pl.Float64).to_numpy(),
        shown["score"].to_numpy(),
        shown["label"].cast(pl.Float64).to_numpy(),
        people["user_id"].search_sorted(shown["user_id"]).to_numpy(),
        honest,
        campaign,
    )


def mean_auc(outcomes: list[Outcome], rng: Rng | None = None) -> np.ndarray:
    """AUC over users and over events, mean of the seeds; with `rng` of a resample of the users."""
    found = []
    for outcome in outcomes:
        num_users = len(outcome.user_labels)
        times = (
            np.ones(num_users)
            if rng is None
            else np.bincount(rng.integers(0, num_users, num_users), minlength=num_users)
        )
        users = auc(outcome.user_labels, outcome.user_scores, times.astype(float))
        found.append((users, auc(outcome.event_labels, outcome.event_scores, times[outcome.event_users].astype(float))))
    return np.nanmean(np.array(found, float), axis=0)


def line(outcomes: list[Outcome], resamples: int, before: float) -> str:
    value = mean_auc(outcomes)
    rng = np.random.default_rng(0)
    low, high = np.quantile([mean_auc(outcomes, rng) for _ in range(resamples)], [0.025, 0.975], axis=0)
    users, events = (f"{value[i]:.3f} [{low[i]:.3f}, {high[i]:.3f}]" for i in (0, 1))
    honest, campaign = (np.mean([getattr(o, name) for o in outcomes]) for name in ("honest_loss", "campaign_loss"))
    return f"{users} | {events} | {honest:.2%} ({before:.2%}) | {campaign:.1%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", choices=DATA, default=DATA)
    parser.add_argument("--kinds", nargs="+", choices=list(CAMPAIGNS), default=list(CAMPAIGNS))
    parser.add_argument("--shares", nargs="+", type=float, default=[0.01, 0.03])
    parser.add_argument("--seeds", nargs="+", type=int, default=[10, 11, 12, 13, 14])
    parser.add_argument("--resamples", type=int, default=200)
    arguments = parser.parse_args()
    root = os.environ.get("PENCHANT_DATA")
    if not root:
        sys.exit("Set PENCHANT_DATA to the folder that holds the data sets.")
    print(
        "| data | campaign | users | AUC users [95%] | AUC events [95%] | honest weight lost (without campaign) | campaign's |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in arguments.data:
        shop = read_shop(Path(root) / name)
        before = 1 - float(np.mean(spam_weights(shop.events)["weight"].to_numpy()))
        for kind in arguments.kinds:
            if not shop.texts and kind.endswith(("copied", "reworded")):
                continue
            for share in arguments.shares:
                outcomes = [run(shop, kind, share, seed) for seed in arguments.seeds]
                print(f"| {name} | {kind} | {share:.0%} | {line(outcomes, arguments.resamples, before)} |", flush=True)


if __name__ == "__main__":
    main()

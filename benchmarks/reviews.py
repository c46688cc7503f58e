"""Accuracy of sentiment heads on Chinese reviews, beside TF-IDF with logistic regression.

    PENCHANT_DATA=path/to/data python benchmarks/reviews.py [--encoders hashing ...] [--fine-tune 4] [--rows-per-domain 500]

Reviews of `zh_reviews`, each text once, so many of each domain; 70% to learn from, 10% to choose and calibrate on, 20% to
test on: split at random, or by domain (hotel reviews of two origins are one domain), which is how a model meets a new shop.
Every row sees the same reviews. The mean is over reviews, however many seeds tested them; intervals resample reviews;
differences are paired.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from penchant.evaluation.classification import confusion, scores
from penchant.evaluation.prediction import calibration_error
from penchant.evaluation.significance import bootstrap_interval, paired_difference
from penchant.stages.encoders import make_encoder
from penchant.stages.reader import read_texts
from penchant.stages.review_model import make_tuned
from penchant.stages.review_rows import Reviews, split_rows, text_key
from penchant.text.reviews.fine_tuning import FineTuning, fine_tune
from penchant.text.reviews.sentiment import fit_sentiment

BAR = "TF-IDF of characters + logistic regression"
Split = tuple[np.ndarray, np.ndarray, np.ndarray]
Method = Callable[[Reviews, Split], np.ndarray]
"""Reviews, masks to learn from, to calibrate on and to test on -> probabilities of the test rows (m, 2)."""


def read_sample(folder: Path, per_domain: int) -> Reviews:
    table = pl.read_parquet(folder / "reviews.parquet").filter(pl.col("review").str.strip_chars() != "")
    parts = [
        part.sample(min(500, part.height), seed=0).head(per_domain) for _, part in sorted(table.group_by("domain"))
    ]
    sample = pl.concat(parts)
    sample = sample.with_columns(pl.Series("key", [text_key(text) for text in sample["review"]]))
    sample = sample.unique("key", keep="first", maintain_order=True)
    sample = sample.with_columns(pl.col("domain").replace("酒店", "hotel"), pl.col("label").cast(pl.String))
    return Reviews(
        texts=sample["review"].to_list(),
        labels=sample["label"].to_list(),
        groups=sample["domain"].to_list(),
        dropped={},
    )


def tf_idf(reviews: Reviews, split: Split) -> np.ndarray:
    """scikit-learn's usual recipe; the strength of the ridge is chosen on the rows to calibrate on."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2)
    texts, labels = np.array(reviews.texts), np.array(reviews.labels)
    train, held_out, test = split
    features = vectorizer.fit_transform(texts[train])
    models = [LogisticRegression(C=c, max_iter=500).fit(features, labels[train]) for c in (0.3, 1, 3, 10, 30)]
    best = max(models, key=lambda model: model.score(vectorizer.transform(texts[held_out]), labels[held_out]))
    return best.predict_proba(vectorizer.transform(texts[test]))


def head(encoder: str, words: bool) -> Method:
    def method(reviews: Reviews, split: Split) -> np.ndarray:
        vectors = read_texts(reviews.texts, make_encoder(encoder))
        known, test = split[0] | split[1], split[2]
        mine = (_pick(reviews.texts, known), vectors[known], _pick(reviews.labels, known), split[1][known])
        return fit_sentiment(*mine, words=words).probabilities(_pick(reviews.texts, test), vectors[test])

    return method


def fine_tuned(encoder: str, layers: int, words: bool) -> Method:
    def method(reviews: Reviews, split: Split) -> np.ndarray:
        known, test, held_out = split[0] | split[1], split[2], split[1][split[0] | split[1]]
        texts, labels = _pick(reviews.texts, known), _pick(reviews.labels, known)
        start = fit_sentiment(texts, read_texts(texts, make_encoder(encoder)), labels, held_out, words=False)
        targets = np.eye(2)[[start.labels.index(label) for label in labels]]
        settings = FineTuning(layers=layers)
        tuned, vector_head, losses = fine_tune(make_tuned(encoder), start.vectors, texts, targets, held_out, settings)
        print("loss on held-out rows:", [round(loss, 4) for loss in losses], flush=True)
        model = fit_sentiment(texts, tuned.encode(texts), labels, held_out, words=words, vector_head=vector_head)
        asked = _pick(reviews.texts, test)
        return model.probabilities(asked, tuned.encode(asked))

    return method


def measure(method: Method, reviews: Reviews, grouped: bool, seeds: list[int]) -> tuple[np.ndarray, str]:
    """Mean correctness of each review over the seeds that tested it, NaN where none did; and a line of figures."""
    right, times = np.zeros(len(reviews.texts)), np.zeros(len(reviews.texts))
    truth = np.array([int(label) for label in reviews.labels])
    asked = reviews if grouped else Reviews(texts=reviews.texts, labels=reviews.labels, groups=[], dropped={})
    accuracies, f1, errors, began = [], [], [], time.process_time()
    for seed in seeds:
        split = split_rows(asked, seed)
        chances, labels = method(reviews, split), truth[split[2]]
        called = chances.argmax(axis=1)
        right[split[2]] += called == labels
        times[split[2]] += 1
        found = scores(confusion(labels, called, 2))
        accuracies.append(float(found["accuracy"]))
        f1.append(float(found["macro_f1"]))
        errors.append(calibration_error((called == labels).astype(float), chances.max(axis=1)))
    seconds = (time.process_time() - began) / len(seeds)
    values = np.divide(right, times, out=np.full(len(right), np.nan), where=times > 0)
    low, high = bootstrap_interval(values[times > 0])
    by_seed = " / ".join(f"{accuracy:.4f}" for accuracy in accuracies)
    line = f"{by_seed} | {np.nanmean(values):.4f} [{low:.4f}, {high:.4f}] | {np.mean(f1):.4f} | {np.mean(errors):.3f}"
    return values, f"{line} | {seconds:.1f}"


def _pick(values: list[str], mask: np.ndarray) -> list[str]:
    return [value for value, mine in zip(values, mask, strict=True) if mine]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoders", nargs="+", default=["hashing", "minilm", "e5-small"])
    parser.add_argument("--fine-tune", type=int, help="layers of the last encoder that are learned too")
    parser.add_argument("--rows-per-domain", type=int, default=500, help="at most 500")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--splits", nargs="+", choices=("random", "domains"), default=("random", "domains"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    reviews = read_sample(Path(os.environ["PENCHANT_DATA"]) / "zh_reviews", arguments.rows_per_domain)
    methods: dict[str, Method] = {BAR: tf_idf}
    for name in arguments.encoders:
        methods |= {f"{name}, vectors": head(name, False), f"{name}, vectors and words": head(name, True)}
    if arguments.fine_tune:
        name, layers = arguments.encoders[-1], arguments.fine_tune
        methods[f"{name}, {layers} layers fine-tuned, and words"] = fine_tuned(name, layers, True)
    for grouped in (split == "domains" for split in arguments.splits):
        print(f"\n**{'other domains' if grouped else 'at random'}**, {len(reviews.texts)} reviews\n")
        print("| row | accuracy by seed | mean [95%] | macro F1 | calibration error | CPU s | minus TF-IDF |")
        print("|---|---|---|---|---|---|---|")
        bar: np.ndarray | None = None
        for name, method in methods.items():
            values, line = measure(method, reviews, grouped, arguments.seeds)
            tested = ~np.isnan(values)
            bar = values if bar is None else bar
            gap = paired_difference(values[tested], bar[tested])
            print(f"| {name} | {line} | {gap.value:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}] |", flush=True)


if __name__ == "__main__":
    main()

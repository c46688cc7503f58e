"""What reviews speak about, how they feel about it, and the words that say so: aspects with polarity and quotes.

Aspects are groups of phrases, mined from the reviews of a domain or given by the user. Vectors and feelings come from functions
that are handed in.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from penchant.records.errors import DataError
from penchant.text.reviews.clauses import clauses
from penchant.text.reviews.phrases import names_of

Polarity = Literal["positive", "neutral", "negative"]
Encode = Callable[[list[str]], np.ndarray]
"""Texts -> vectors, float32 (n, T)."""
Feeling = Callable[[Sequence[str]], np.ndarray]
"""Texts -> how good they find what they speak about, float (n,), 0 to 1."""

NEUTRAL = 0.6
"""Below this confidence, a quote is neutral."""
FINDING_COLUMNS: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "aspect": pl.String(),
    "phrase": pl.String(),
    "quote": pl.String(),
    "begin": pl.Int64(),
    "polarity": pl.String(),
    "confidence": pl.Float64(),
}


@dataclass(frozen=True)
class Aspects:
    """`phrases`: phrase, in lower case -> the name of the aspect that it speaks about."""

    phrases: Mapping[str, str]

    @classmethod
    def given(cls, aspects: Mapping[str, Sequence[str]]) -> "Aspects":
        """Name -> its phrases, in any language and case; the name itself is not one of them unless it is named.

        Raises DataError for a phrase that two aspects claim, and without any.
        """
        phrases: dict[str, str] = {}
        for name, words in aspects.items():
            for word in (word.strip().lower() for word in words):
                if phrases.setdefault(word, name) != name:
                    raise DataError(
                        f"Each phrase speaks about one aspect, but {word!r} has {phrases[word]!r} and {name!r}."
                    )
        if not phrases:
            raise DataError(
                "Aspects need at least one phrase, but there is none. Give some, or mine them from more reviews."
            )
        return cls(phrases)

    @classmethod
    def mined(
        cls,
        texts: Sequence[str],
        encode: Encode,
        num_aspects: int = 30,
        min_count: int = 5,
        words: tuple[str, ...] = (),
    ) -> "Aspects":
        """Phrases that `min_count` reviews or more name, in at most `num_aspects` groups of near meaning.

        A group is called by its commonest phrase; rare groups are left out first. `words` as for `names_of`.
        Raises DataError where nothing is that common.
        """
        counts = names_of(texts, min_count, words=words)
        if not counts:
            raise DataError(
                f"No name stands in {min_count} of the {len(texts)} reviews. Give more reviews or a lower min_count."
            )
        phrases = list(counts)
        groups = _groups(encode(phrases), np.array([counts[phrase] for phrase in phrases]), num_aspects)
        return cls({phrase: phrases[group] for phrase, group in zip(phrases, groups, strict=True) if group >= 0})

    @property
    def names(self) -> list[str]:
        """Of all aspects, in the order of their first phrase."""
        return list(dict.fromkeys(self.phrases.values()))

    def find(self, texts: Sequence[str], feeling: Feeling) -> pl.DataFrame:
        """Every mention, in order: `row` (of the text), `aspect`, `phrase`, `quote`, `begin`, `polarity`, `confidence`.

        A quote is a piece of the review (`clauses`), byte for byte from `begin` on; an aspect is found once in each.
        `confidence`: that it is more good than bad, or the reverse, 0.5 to 1.
        """
        rows = [(row, *mention) for row, text in enumerate(texts) for mention in self._mentions(text)]
        table = pl.DataFrame(rows, schema=["row", "aspect", "phrase", "quote", "begin"], orient="row")
        quotes = table["quote"].cast(pl.String).unique(maintain_order=True).to_list()
        goodness = dict(zip(quotes, feeling(quotes).tolist(), strict=True)) if quotes else {}
        felt = [goodness[quote] for quote in table["quote"]]
        return table.with_columns(
            pl.Series("polarity", [_polarity(good) for good in felt], pl.String),
            pl.Series("confidence", [max(good, 1 - good) for good in felt], pl.Float64),
        ).select(pl.col(name).cast(kind) for name, kind in FINDING_COLUMNS.items())

    def _mentions(self, text: str) -> list[tuple[str, str, str, int]]:
        """aspect, phrase, quote, begin."""
        found = []
        for begin, end in clauses(text):
            quote = text[begin:end]
            seen: dict[str, str] = {}
            for match in self._pattern.finditer(quote):
                seen.setdefault(self.phrases[match.group().lower()], match.group())
            found += [(aspect, phrase, quote, begin) for aspect, phrase in seen.items()]
        return found

    @property
    def _pattern(self) -> re.Pattern[str]:
        """The longest phrase first; Latin words whole, in the plural too."""
        longest = sorted(self.phrases, key=len, reverse=True)
        return re.compile("|".join(rf"(?<![a-z0-9]){re.escape(p)}(?![a-z0-9])" for p in longest), re.IGNORECASE)


def summary(findings: pl.DataFrame, num_quotes: int = 2) -> pl.DataFrame:
    """One row for each aspect, the most spoken of first: `aspect, num_reviews`, `positive` (share of the quotes that feel
    anything), `praise` and `complaints` (the surest quotes)."""

    def quotes(polarity: Polarity) -> pl.Expr:
        mine = pl.col("quote").filter(pl.col("polarity") == polarity)
        sureness = pl.col("confidence").filter(pl.col("polarity") == polarity)
        return mine.sort_by(sureness, descending=True).unique(maintain_order=True).head(num_quotes)

    felt = pl.col("polarity").filter(pl.col("polarity") != "neutral")
    return (
        findings.group_by("aspect")
        .agg(
            num_reviews=pl.col("row").n_unique(),
            positive=(felt == "positive").mean(),
            praise=quotes("positive"),
            complaints=quotes("negative"),
        )
        .sort("num_reviews", "aspect", descending=[True, False])
    )


def _polarity(good: float) -> Polarity:
    if max(good, 1 - good) < NEUTRAL:
        return "neutral"
    return "positive" if good > 1 / 2 else "negative"


def _groups(vectors: np.ndarray, counts: np.ndarray, most: int) -> np.ndarray:
    """For each phrase the position of the commonest phrase of its group, -1 where the group is left out."""
    from scipy.cluster.hierarchy import fcluster, linkage  # type: ignore[import-untyped]

    if len(vectors) == 1:
        return np.zeros(1, np.int64)
    centred = vectors - vectors.mean(axis=0)  # encoders such as E5 give every text one large common part
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    labels = fcluster(linkage(centred, "ward"), 2 * most, "maxclust")
    leaders = np.full(len(vectors), -1)
    sizes = np.bincount(labels, weights=counts)
    for label in np.argsort(-sizes, kind="stable")[:most]:
        members = np.flatnonzero(labels == label)
        if len(members):
            leaders[members] = members[counts[members].argmax()]
    return leaders

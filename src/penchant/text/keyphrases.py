"""What texts are about, as short phrases of their own words, Chinese and English: statistics of phrases, no model.

Runs of up to three words without a stop word or a sign between them are scored by the C-value (Frantzi et al., 2000: a phrase
counts where it does not stand inside a longer one), by how early they come, and by how much commoner their words are than
elsewhere. Knows no grammar but jieba's word kinds. Near-repeats are held down by shared words or by vectors of the caller.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import regex

from penchant.text.segment import Segmenter
from penchant.text.stop_words import BOTH

LONGEST, LONGEST_CHINESE = 3, 2
"""Words of a phrase; Chinese words say more each."""
BREAKS = regex.compile(r"[^\p{L}\p{M}\p{N}\s'’+#&.\-]+|[.\-](?=\s|$)|\n|\p{Emoji_Presentation}")
CHINESE = regex.compile(r"\p{Han}")
NESTED = 0.7
"""How much of what a phrase owes to longer ones is taken off; 1 would leave nothing of words that a short text has once."""
NAMES = ("n", "vn", "an", "eng", "l", "i", "j", "s", "x")
"""Beginnings of the kinds of words (jieba's) that a phrase may end with: nouns of all sorts."""
BEFORE_NAMES = (*NAMES, "b", "v")
"""Kinds that may stand before: also verbs, as in 充电速度."""
NO_NAMES = frozenset(
    """
good great best better nice bad worse worst fun awesome amazing excellent perfect happy easy hard free new old long
short big small quick fast slow cheap expensive beautiful cute cool ok okay fine sure well highly recommend recommended
play playing played like love loved liked get gets getting got buy bought use used using make makes made work works
worked go going come came want wanted need needed try tried give gave take took say said think thought know feel felt
look looks arrived received ordered ever never always every still even back away lot lots bit way thing things time
times de que la le el un una es und ist no not don't doesn't can't nothing
""".split()  # noqa: SIM905
)
"""What an English phrase does not end with, since no tagger tells its kinds: qualities, common verbs, foreign articles."""

Phrase = tuple[str, ...]
Embed = Callable[[list[str]], np.ndarray]


@dataclass(frozen=True)
class Keyphrase:
    """A phrase as it is mostly written, its score (above 0, comparable within one call), and the number of texts with it."""

    phrase: str
    score: float
    num_texts: int


def keyphrases(
    texts: Sequence[str],
    k: int = 10,
    *,
    background: Sequence[str] = (),
    embed: Embed | None = None,
    diversity: float = 0.5,
    segmenter: Segmenter | None = None,
) -> list[Keyphrase]:
    """The k best phrases of one text or of many, best first.

    background: other texts of the same kind; words that are common there count less.
    embed: phrases -> float (n, d); likeness of phrases is then their cosine, else the share of words that they share.
    diversity: how much likeness to a better phrase costs, 0 (nothing) to 1 (Carbonell & Goldstein, 1998).
    segmenter: one with the user's words; its stop words are left as they are.

    >>> [
    ...     found.phrase
    ...     for found in keyphrases(["The battery life is short. Battery life matters!", "Short battery life."], k=1)
    ... ]
    ['battery life']
    """
    segmenter = segmenter or Segmenter()
    runs = [[_run(words) for words in _clauses(text, segmenter)] for text in texts]
    counts, texts_with, first, spelled = _count(runs)
    key = _keyness(_word_sets(texts, segmenter), _word_sets(background, segmenter)) if len(background) else _alike
    scores = {
        phrase: value * first[phrase] * float(np.mean([key(word) for word in phrase]))
        for phrase, value in _c_values(counts).items()
        if value > 0
    }
    chosen = _diverse(scores, spelled, k, embed, diversity)
    return [Keyphrase(spelled[phrase], scores[phrase], texts_with[phrase]) for phrase in chosen]


def _alike(_: str) -> float:
    """Without a background all words are worth the same."""
    return 1.0


def _word_sets(texts: Sequence[str], segmenter: Segmenter) -> list[set[str]]:
    return [{word.lower() for word in segmenter.words(text)} for text in texts]


def _clauses(text: str, segmenter: Segmenter) -> Iterator[list[str]]:
    """The words between two signs."""
    return (segmenter.words(clause) for clause in BREAKS.split(text) if clause and not clause.isspace())


def _run(words: list[str]) -> list[list[str]]:
    """Runs of words that may stand in a phrase."""
    runs: list[list[str]] = [[]]
    for word in words:
        if _is_loose(word):
            runs.append([])
        else:
            runs[-1].append(word)
    return [run for run in runs if run]


def _count(
    runs: list[list[list[list[str]]]],
) -> tuple[Counter[Phrase], Counter[Phrase], dict[Phrase, float], dict[Phrase, str]]:
    """Of each phrase: how often, in how many texts, its weight by place (1 at a text's start, 1/2 at its end), its spelling."""
    counts, texts_with = Counter[Phrase](), Counter[Phrase]()
    places, spellings = defaultdict[Phrase, list[float]](list), defaultdict[Phrase, Counter[str]](Counter)
    for text in runs:
        seen = set()
        flat = [run for clause in text for run in clause]
        for number, run in enumerate(flat):
            for words in _phrases(run):
                phrase = tuple(word.lower() for word in words)
                counts[phrase] += 1
                spellings[phrase][_written(words)] += 1
                if phrase not in seen:
                    seen.add(phrase)
                    texts_with[phrase] += 1
                    places[phrase].append(1 - number / (2 * len(flat)))
    first = {phrase: float(np.mean(found)) for phrase, found in places.items()}
    return counts, texts_with, first, {phrase: found.most_common(1)[0][0] for phrase, found in spellings.items()}


def _phrases(run: list[str]) -> Iterator[list[str]]:
    longest = LONGEST_CHINESE if CHINESE.search("".join(run)) else LONGEST
    for start in range(len(run)):
        for end in range(start + 1, min(start + longest, len(run)) + 1):
            words = run[start:end]
            if _is_name(words[-1]) and len("".join(words)) > 1 and len(set(words)) == len(words):
                yield words


def _written(words: list[str]) -> str:
    """Words joined: with a blank unless both neighbours are Chinese."""
    text = words[0]
    for left, right in pairwise(words):
        text += right if CHINESE.search(left) and CHINESE.search(right) else f" {right}"
    return text


def _c_values(counts: Counter[Phrase]) -> dict[Phrase, float]:
    inside = defaultdict[Phrase, list[int]](list)
    for phrase, count in counts.items():
        for length in range(1, len(phrase)):
            for start in range(len(phrase) - length + 1):
                inside[phrase[start : start + length]].append(count)
    return {
        phrase: float(
            np.log2(len(phrase) + 1) * (count - NESTED * (np.mean(inside[phrase]) if phrase in inside else 0))
        )
        for phrase, count in counts.items()
    }


def _keyness(texts: list[set[str]], background: list[set[str]]) -> Callable[[str], float]:
    """Of a word: log(share of the texts that have it / that of the background), 0.05 to log(1 + background)."""
    here, there = (Counter(word for words in side for word in words) for side in (texts, background))
    most = 1 + len(background)
    return lambda word: max(0.05, float(np.log(max(1, here[word]) / len(texts) * most / (1 + there[word]))))


def _diverse(
    scores: dict[Phrase, float], spelled: dict[Phrase, str], k: int, embed: Embed | None, diversity: float
) -> list[Phrase]:
    """Greedily the phrase whose score, as a share of the best, is highest after what its likeness to a chosen one costs."""
    pool = sorted(scores, key=lambda phrase: (-scores[phrase], phrase))[: max(50, 5 * k)]
    if not pool:
        return []
    like = _shared_words(pool) if embed is None else _cosines(embed([spelled[phrase] for phrase in pool]))
    gain = np.array([scores[phrase] for phrase in pool]) / scores[pool[0]]
    chosen: list[int] = []
    for _ in range(min(k, len(pool))):
        cost = like[:, chosen].max(axis=1) if chosen else np.zeros(len(pool))
        value = gain * (1 - diversity * np.maximum(cost, 0))
        value[chosen] = -np.inf
        chosen.append(int(value.argmax()))
    return [pool[place] for place in chosen]


def _shared_words(pool: list[Phrase]) -> np.ndarray:
    """Shared words over those of the shorter phrase, (n, n)."""
    return np.array([[len({*a} & {*b}) / min(len(a), len(b)) for b in pool] for a in pool])


def _cosines(vectors: np.ndarray) -> np.ndarray:
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return np.asarray(unit @ unit.T)


@cache
def _kind(word: str) -> str:
    """jieba's kind of a Chinese word, "eng" for others."""
    from rjieba import tag

    return str(tag(word)[-1][1]) if CHINESE.search(word) else "eng"


def _is_loose(word: str) -> bool:
    """It ends a run: a stop word, a number, or a word of a kind that is in no phrase."""
    return word.casefold() in BOTH or not regex.search(r"\p{L}", word) or not _kind(word).startswith(BEFORE_NAMES)


def _is_name(word: str) -> bool:
    return _kind(word).startswith(NAMES) and word.lower() not in NO_NAMES

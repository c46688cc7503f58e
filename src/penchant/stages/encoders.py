"""Which encoder reads the texts: chosen by one word, opened at the first text, kept in the artifact where it was fitted here."""

import shutil
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from penchant.assets.catalogue import CATALOGUE
from penchant.assets.hub import snapshot
from penchant.assets.resolve import resolve
from penchant.records.errors import ArtifactError, ConfigError, suggestion
from penchant.text.cutting import Cutting
from penchant.text.encoders.decoder import decoder
from penchant.text.encoders.endpoint import EndpointEncoder
from penchant.text.encoders.folder import open_encoder
from penchant.text.encoders.hashing import HashingEncoder
from penchant.text.encoders.tfidf import fit_tfidf
from penchant.text.encoders.transformer import TransformerEncoder
from penchant.text.encoders.use import UniversalEncoder
from penchant.text.encoders.word2vec import fit_word2vec
from penchant.text.encoders.words import Segment, WordsEncoder
from penchant.text.language import mostly_english
from penchant.vectors.encoder import Encoder

AUTO = "auto"
"""MiniLM where the texts are mostly English, else the multilingual E5."""
ENGLISH, MULTILINGUAL = "minilm", "e5-small"
ENGLISH_ALONE = frozenset({"minilm", "all-MiniLM-L6-v2"})
"""Words of encoders that make nothing of any other language."""


def _minilm() -> Encoder:
    name = "all-MiniLM-L6-v2"
    return open_encoder(resolve(name).path, name)


def _e5_small() -> Encoder:
    """Items and people are compared with each other in both directions, so all texts get the prefix of queries."""
    name = "multilingual-e5-small"
    return TransformerEncoder(resolve(name).path, name, prompt="query: ")


def _use() -> Encoder:
    name = "use-multilingual"
    return UniversalEncoder(resolve(name).path, name)


def _smollm2() -> Encoder:
    """It was not trained for comparing texts; the mean of its states is better than the last one."""
    name = "SmolLM2-135M-Instruct"
    return decoder(resolve(name).path, name, pooling="mean")


NAMED: dict[str, Callable[[], Encoder]] = {
    "minilm": _minilm,
    "all-MiniLM-L6-v2": _minilm,
    "e5-small": _e5_small,
    "multilingual-e5-small": _e5_small,
    "use-multilingual": _use,
    "smollm2": _smollm2,
    "SmolLM2-135M-Instruct": _smollm2,
    "hashing": HashingEncoder,
}
FITTED: dict[str, Callable[[Sequence[str], Segment], WordsEncoder]] = {
    "word2vec": fit_word2vec,
    "tfidf": fit_tfidf,
}
"""Learned from the texts of the items; they are written into the artifact."""
WORDS = (AUTO, *NAMED, *FITTED, "openai:<url>#<model>", "<folder>", "<organisation>/<model of the hub>")


class ChosenEncoder:
    """An encoder by its word. `folder`: where a fitted or tuned one was written; `expected`: the model_id that it has to have;
    `cutting`: how it cuts texts into words, if it does."""

    def __init__(
        self, word: str, folder: Path | None = None, expected: str | None = None, cutting: Cutting | None = None
    ) -> None:
        self.word = word
        self.cutting = cutting or Cutting()
        self._folder = folder
        self._expected = expected

    @cached_property
    def encoder(self) -> Encoder:
        """Opened when it is needed: loading costs seconds. Raises ArtifactError where its weights are other ones now."""
        if self._folder is not None and self.word in FITTED:
            return open_encoder(self._folder, self.word, segment=self.cutting)
        found = self._tuned() or make_encoder(self.word)
        if self._expected is not None and found.model_id != self._expected:
            raise ArtifactError(
                f"The model learned from vectors of {self._expected!r}, but {self.word!r} is {found.model_id!r} now. "
                "Bring back the encoder as it was, or train again."
            )
        return found

    @classmethod
    def fitted(cls, word: str, encoder: Encoder, cutting: Cutting | None = None) -> "ChosenEncoder":
        """One that is there already."""
        chosen = cls(word, cutting=cutting)
        chosen.encoder = encoder
        return chosen

    def save(self, folder: Path) -> None:
        """Writes what was fitted or tuned here; nothing for an encoder that is had by its name."""
        if isinstance(self.encoder, WordsEncoder):
            self.encoder.save(folder)
        elif self._folder is not None and self._folder.is_dir():
            shutil.copytree(self._folder, folder)

    def _tuned(self) -> Encoder | None:
        """What the encoder of this word became by fine-tuning, where that was written."""
        if self._folder is None or not self._folder.is_dir():
            return None
        return open_encoder(self._folder, f"{Path(self.word).name}-tuned")


def choose_encoder(word: str, texts: Sequence[str], cutting: Cutting | None = None) -> ChosenEncoder:
    """The encoder for a table of item texts; what is fitted is fitted on them, cut into words by `cutting`.

    Raises: ConfigError for an unknown word, or a cutting for an encoder that is not fitted on words; AssetError for a
    model that cannot be had.
    """
    if word == AUTO:
        word = word_for(texts)
    if word in FITTED:
        cutting = cutting or Cutting()
        return ChosenEncoder.fitted(word, FITTED[word](texts, cutting), cutting)
    if cutting is not None and cutting.digest:
        known = " or ".join(FITTED)
        raise ConfigError(
            f"Own words and stop words are for encoders that are fitted on words, and {word!r} is none. "
            f"Leave them out, or take {known}."
        )
    return ChosenEncoder.fitted(word, make_encoder(word))


def word_for(*kinds: Sequence[str]) -> str:
    """What `auto` stands for: an encoder of English alone only where each kind of texts, of items and of events, is English.

    English titles with Chinese reviews are read by the multilingual one.
    """
    return ENGLISH if all(mostly_english(texts) for texts in kinds) else MULTILINGUAL


def make_encoder(word: str) -> Encoder:
    """An encoder that needs no fitting. Raises: ConfigError for an unknown word, AssetError where it cannot be had."""
    if word in NAMED:
        return NAMED[word]()
    if word.startswith("openai:"):
        url, separator, model = word.removeprefix("openai:").rpartition("#")
        if not separator:
            raise ConfigError(f"An endpoint is written openai:<url>#<model>, found {word!r}. Add the model.")
        return EndpointEncoder(url, model)
    path = Path(word).expanduser()
    if path.is_dir():
        return open_encoder(path, path.name, segment=Cutting())
    if word in CATALOGUE or word.count("/") != 1:
        raise ConfigError(f"There is no encoder {word!r}. {suggestion(word, WORDS)}")
    return open_encoder(snapshot(word), word)

"""How texts become vectors: made readable, personal data out, through the chosen encoder, by way of the shared store."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from safetensors.numpy import load_file, save_file

from penchant.assets.resolve import default_cache
from penchant.records.artifacts import read_json, write_json
from penchant.records.errors import ConfigError, suggestion
from penchant.stages.encoders import AUTO, FITTED, ChosenEncoder, choose_encoder
from penchant.stages.pictures import Pictures, named
from penchant.text.cutting import Cutting
from penchant.text.join import Attention, Part, Read, concat, item_parts, mean
from penchant.text.normalise import Script, check_script, normalise, normalise_text
from penchant.text.scrub import scrub as scrub_column
from penchant.text.templates import item_text
from penchant.vectors.encode import encode_all, folder_of, store_for
from penchant.vectors.encoder import Encoder
from penchant.vectors.store import VectorStore

OnProgress = Callable[[int, int], None]
ENCODER, CENTRES, CUTTING, PICTURES = "encoder", "field_centres.safetensors", "cutting.json", "pictures.safetensors"
"""Where the artifact keeps what was fitted."""


def read_texts(
    texts: Sequence[str],
    encoder: Encoder,
    on_progress: OnProgress | None = None,
    scrub: bool = True,
    found: Counter[str] | None = None,
    script: Script = "keep",
    store: VectorStore | None = None,
) -> np.ndarray:
    """Vectors of texts, float32 (n, T); no text is read twice. `found` counts the personal data that was replaced.

    store: of the encoder, where it is open already.
    """
    store = store or store_for(default_cache() / "vectors", encoder)
    return encode_all(clean_texts(texts, scrub, found, script), encoder, store, on_progress=on_progress)


def clean_texts(
    texts: Sequence[str], scrub: bool = True, found: Counter[str] | None = None, script: Script = "keep"
) -> list[str]:
    """What a model gets to see of texts. `found` counts the personal data that was replaced; `script` as for `normalise`."""
    column = normalise(pl.Series("text", texts, dtype=pl.String), script)
    if scrub:
        column, counts = scrub_column(column)
        if found is not None:
            found.update(counts)
    return column.to_list()


class TextReader:
    """One way to read for a whole model: what it learned from and what it is asked later are read alike.

    `scrub`: whether personal data is replaced before the encoder sees it. `found` counts what was, by kind.
    `join`: how the texts of an item become one vector, see JOINS. `attention`: what was fitted for it.
    `script`: which of its two scripts Chinese is read in, "keep" for the one that it is written in.
    `pictures`: how what items look like is read, None where they are texts alone; then T is the text width, else T + P.
    Raises: ConfigError for an unknown join or script.
    """

    def __init__(
        self,
        chosen: ChosenEncoder,
        scrub: bool = True,
        join: str = "concat",
        attention: Attention | None = None,
        script: Script = "keep",
        pictures: Pictures | None = None,
    ) -> None:
        if join not in JOINS:
            raise ConfigError(f"There is no join {join!r}. {suggestion(join, JOINS)}")
        check_script(script)
        self.chosen = chosen
        self.scrub = scrub
        self.join = join
        self.attention = attention
        self.script = script
        self.pictures = pictures
        self.found: Counter[str] = Counter()
        self._opened: VectorStore | None = None

    def read(self, texts: Sequence[str], on_progress: OnProgress | None = None) -> np.ndarray:
        """Vectors of texts, float32 (n, T)."""
        said = self._say(texts, on_progress)
        return said if self.pictures is None else self.pictures.unseen(said)

    def _say(self, texts: Sequence[str], on_progress: OnProgress | None = None) -> np.ndarray:
        """Vectors of texts as their encoder has them."""
        encoder = self.chosen.encoder
        return read_texts(texts, encoder, on_progress, self.scrub, self.found, self.script, self._store(encoder))

    def _store(self, encoder: Encoder) -> VectorStore:
        """Kept open: the index of a store of a hundred thousand texts takes half a second to read."""
        folder = folder_of(default_cache() / "vectors", encoder)
        if self._opened is None or self._opened.folder != folder or not folder.exists():
            self._opened = VectorStore(folder, encoder.dimension)
        return self._opened

    def look(self, rows: Sequence[Mapping[str, Any]], folder: Path | None) -> None:
        """Learns what the pictures of the whole catalogue differ in, where it has some; after `fit`."""
        if named(rows):
            self.pictures = Pictures.fit(rows, self._say_items(rows), folder)

    def fit(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Learns what the join needs of the whole catalogue; most need nothing."""
        if self.join == "attention":
            read = partial(read_texts, encoder=self.chosen.encoder, scrub=self.scrub, script=self.script)
            self.attention = Attention.fit([item_parts(row) for row in rows], read)

    def read_items(self, rows: Sequence[Mapping[str, Any]], on_progress: OnProgress | None = None) -> np.ndarray:
        """One vector for each row of an items table, float32 (n, T)."""
        said = self._say_items(rows, on_progress)
        if self.pictures is None:
            return said
        silent = np.array([not item_text(row) for row in rows], bool)
        return self.pictures.beside(said, rows, silent)

    def _say_items(self, rows: Sequence[Mapping[str, Any]], on_progress: OnProgress | None = None) -> np.ndarray:
        parts = [JOINS[self.join].parts(row) for row in rows]
        return JOINS[self.join].fold(self, parts, partial(self._say, on_progress=on_progress))

    def texts_of(self, rows: Sequence[Mapping[str, Any]], others: Sequence[str] = ()) -> list[str]:
        """The different texts that the encoder would get to see of rows of an items table and of other texts."""
        texts = [text for row in rows for _, text in JOINS[self.join].parts(row)]
        return list(dict.fromkeys(clean_texts([*texts, *others], self.scrub, script=self.script)))

    def about(self) -> dict[str, Any]:
        """What brings this reader back, with what `save` wrote."""
        told = {"word": self.chosen.word, "model_id": self.chosen.encoder.model_id}
        seen = {} if self.pictures is None else {"pictures": self.pictures.about()}
        return {**told, "scrub": self.scrub, "join": self.join, "script": self.script, **seen}

    def save(self, folder: Path) -> None:
        """Writes what was fitted here: the encoder, the words of the user's own, the centres of the fields."""
        self.chosen.save(folder / ENCODER)
        if self.chosen.cutting.digest:
            write_json(folder / CUTTING, self.chosen.cutting.to_dict())
        if self.attention is not None:
            save_file(dict(self.attention.centres), folder / CENTRES)
        if self.pictures is not None:
            self.pictures.save(folder / PICTURES)

    @classmethod
    def load(cls, folder: Path, about: Mapping[str, Any]) -> "TextReader":
        own = folder / CUTTING
        cutting = Cutting.of_dict(read_json(own)) if own.exists() else None
        chosen = ChosenEncoder(about["word"], folder / ENCODER, about["model_id"], cutting)
        attention = Attention(centres=load_file(folder / CENTRES)) if about["join"] == "attention" else None
        seen = about.get("pictures")
        pictures = None if seen is None else Pictures.load(folder / PICTURES, seen)
        return cls(chosen, about["scrub"], about["join"], attention, about.get("script", "keep"), pictures)


def make_reader(
    texts: Sequence[str],
    word: str = AUTO,
    scrub: bool = True,
    join: str = "concat",
    script: Script = "keep",
    cutting: Cutting | None = None,
) -> TextReader:
    """A reader for these texts of items, with the encoder that `word` names. What is fitted, is fitted on what it will be shown.

    cutting: words of the user's own and stop words, for an encoder that is fitted on words.
    Raises: ConfigError for an unknown encoder, join or script, AssetError for an encoder that cannot be had.
    """
    check_script(script)
    shown = clean_texts(texts, scrub, script=script) if word in FITTED else texts
    return TextReader(choose_encoder(word, shown, _in_script(cutting, script)), scrub, join, script=script)


def _in_script(cutting: Cutting | None, script: Script) -> Cutting | None:
    """Words as they stand in texts after normalisation."""
    if cutting is None:
        return None
    words = {normalise_text(word, script): weight for word, weight in cutting.words.items()}
    return Cutting(words, frozenset(normalise_text(word, script) for word in cutting.stop_words))


@dataclass(frozen=True, kw_only=True)
class Join:
    """`parts`: what is read of a row of an items table, field by field; `fold`: the parts of each row become one vector."""

    parts: Callable[[Mapping[str, Any]], list[Part]]
    fold: Callable[[TextReader, Sequence[Sequence[Part]], Read], np.ndarray]


def _whole(row: Mapping[str, Any]) -> list[Part]:
    return [("title", item_text(row))]


def _attention(reader: TextReader, items: Sequence[Sequence[Part]], read: Read) -> np.ndarray:
    assert reader.attention is not None, "fitted on the catalogue before anything is read"
    return reader.attention(items, read)


JOINS: dict[str, Join] = {
    "concat": Join(parts=_whole, fold=lambda _, items, read: concat(items, read)),
    "mean": Join(parts=item_parts, fold=lambda _, items, read: mean(items, read)),
    "attention": Join(parts=item_parts, fold=_attention),
}
"""All texts of an item in one; the mean of their vectors; the mean weighted by how telling each is (`text.join`)."""

"""Which encoder a model's folder is for: its files say so."""

from pathlib import Path
from typing import Any

from penchant.records.errors import ConfigError
from penchant.text.encoders.checkpoint import content_id
from penchant.text.encoders.decoder import decoder, is_decoder
from penchant.text.encoders.sentence_transformer import sentence_transformer
from penchant.text.encoders.static import StaticEncoder, static_folder
from penchant.text.encoders.transformer import TransformerEncoder
from penchant.text.encoders.words import Segment, WordsEncoder
from penchant.vectors.encoder import Encoder


def open_encoder(path: Path, name: str, segment: Segment | None = None, **options: Any) -> Encoder:
    """The encoder of a folder: fitted here (words.json), of model2vec, of sentence-transformers, or of transformers.

    `options` are those of the encoder in question (`pooling`, `prompt`, `max_tokens`, `precision`, ...). `segment`
    cuts texts into words, for an encoder that was fitted on words. The `model_id` holds a hash of the folder's
    content, so that other weights under the same name or path never share vectors.

    Raises AssetError for a folder that lacks a file, ArtifactError for a damaged one, ConfigError for an option that
    the encoder does not have.
    """
    path = Path(path)
    if (path / "words.json").is_file():
        return _words(path, segment, options)
    model_id = f"{name}@{content_id(path)}"
    try:
        if static_folder(path) is not None:
            return StaticEncoder(path, model_id, **options)
        if (path / "modules.json").is_file():
            return sentence_transformer(path, model_id, **options)
        if (path / "config.json").is_file() and is_decoder(path):
            return decoder(path, model_id, **options)
        return TransformerEncoder(path, model_id, **options)
    except TypeError as error:
        raise ConfigError(f"{name} does not take these options: {error}.") from error


def _words(path: Path, segment: Segment | None, options: dict[str, Any]) -> WordsEncoder:
    if options:
        raise ConfigError(f"An encoder that was fitted on words takes no options, found {', '.join(options)}.")
    if segment is None:
        raise ConfigError(f"{path} was fitted on words. Give the function that cut them as `segment`.")
    return WordsEncoder.load(path, segment)

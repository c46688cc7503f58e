import base64
import struct
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from penchant.assets.catalogue import CATALOGUE
from penchant.assets.usem3 import convert

PIECES = {"<unk>": 0.0, "<s>": 0.0, "</s>": 0.0, "▁": -3.0, "a": -3.0}
NO_CHANGE = struct.pack("<I", 1024) + bytes(1024)
"""A normalisation map that has nothing to replace: the size of its tree in bytes, then empty nodes."""


def field(number: int, content: bytes) -> bytes:
    length = bytes([len(content) & 127 | 128, len(content) >> 7])
    return bytes([number << 3 | 2]) + length + content


def vocabulary() -> bytes:
    pieces = [field(1, field(1, p.encode()) + b"\x15" + struct.pack("<f", score)) for p, score in PIECES.items()]
    trainer = field(2, NO_CHANGE) + b"\x18\x96\x01"  # a number of two bytes that nobody asked for
    return b"".join(pieces) + field(3, trainer)


def test_the_table_is_put_together_from_its_blocks(tmp_path: Path) -> None:
    """Row r of block b is row 17 r + b of the table."""
    (tmp_path / "sp.model").write_bytes(vocabulary())
    blocks = {f"q{b + 1}": np.array([[b], [17 + b]], np.uint8) for b in range(17)}
    np.savez(tmp_path / "weights.npz", scale=np.ones(17, np.float32), eps=np.array(1e-12), **blocks)
    convert(tmp_path, tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    assert sorted(tensors) == ["scale", "table"]
    assert tensors["table"][:, 0].tolist() == list(range(34))


def test_the_vocabulary_is_that_of_the_protocol_buffer(tmp_path: Path) -> None:
    (tmp_path / "sp.model").write_bytes(vocabulary())
    np.savez(tmp_path / "weights.npz", **{f"q{b + 1}": np.zeros((1, 1), np.uint8) for b in range(17)})
    convert(tmp_path, tmp_path)
    text = (tmp_path / "tokenizer.json").read_text()
    assert base64.b64encode(NO_CHANGE).decode() in text
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert tokenizer.get_vocab() == {piece: row for row, piece in enumerate(PIECES)}
    assert tokenizer.encode("a").ids == [1, 3, 4, 2]


def test_it_is_in_the_catalogue() -> None:
    assert CATALOGUE["use-multilingual"].licence == "Apache-2.0"

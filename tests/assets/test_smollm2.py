import json
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from penchant.assets.resolve import resolve
from penchant.assets.smollm2 import GGUF_FILE, convert

WIDTH, HEADS = 32, 2
TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "h", "o", "t", "ho", "hot", "1", "2"]
KINDS = [3, 3, 3, *[1] * (len(TOKENS) - 3)]
FLOAT32, Q8_0 = 0, 8


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def pair(key: str, value: object) -> bytes:
    return text(key) + typed(value)


def typed(value: object) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", 8) + text(value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, list):
        inner = [typed(one) for one in value]
        return struct.pack("<I", 9) + inner[0][:4] + struct.pack("<Q", len(value)) + b"".join(i[4:] for i in inner)
    return struct.pack("<II", 4, int(str(value)))


@pytest.fixture
def converted(tmp_path: Path) -> Path:
    llama = {"embedding_length": WIDTH, "feed_forward_length": 64, "block_count": 1, "context_length": 64}
    llama |= {"attention.head_count": HEADS, "attention.head_count_kv": HEADS, "vocab_size": len(TOKENS)}
    tokenizer = {"tokens": TOKENS, "token_type": KINDS, "merges": ["h o", "ho t"]}
    ids = {"bos": 1, "eos": 2, "padding": 2, "unknown": 0}
    pairs = [pair(f"llama.{name}", value) for name, value in llama.items()]
    pairs += [pair("llama.rope.freq_base", 100_000.0), pair("tokenizer.chat_template", "{{ messages }}")]
    pairs += [pair(f"tokenizer.ggml.{name}", value) for name, value in tokenizer.items()]
    pairs += [pair(f"tokenizer.ggml.{name}_token_id", value) for name, value in ids.items()]
    rows = np.repeat(np.arange(WIDTH), WIDTH).astype("<f4")
    block = np.array([0.5], "<f2").tobytes() + bytes([4]) * 32
    tensors = {
        "blk.0.attn_q.weight": (FLOAT32, WIDTH, rows.tobytes()),
        "blk.0.ffn_gate.weight": (FLOAT32, WIDTH, rows.tobytes()),
        "token_embd.weight": (Q8_0, len(TOKENS), block * len(TOKENS)),
    }
    directory = body = b""
    for name, (kind, num_rows, content) in tensors.items():
        directory += text(name) + struct.pack("<I2QIQ", 2, WIDTH, num_rows, kind, len(body))
        body += content
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(pairs)) + b"".join(pairs) + directory
    head += bytes(-len(head) % 32)
    (tmp_path / GGUF_FILE).write_bytes(head + body)
    convert(tmp_path, tmp_path)
    return tmp_path


def test_rows_of_queries_go_back_to_their_order(converted: Path) -> None:
    """Head 0 has rows 0 to 15; llama.cpp keeps row r of the first half beside row r of the second half."""
    tensors = load_file(converted / "model.safetensors")
    queries = tensors["model.layers.0.self_attn.q_proj.weight"][:, 0].tolist()
    assert queries[:16] == [*range(0, 16, 2), *range(1, 16, 2)]
    assert queries[16:] == [16 + row for row in queries[:16]]
    assert tensors["model.layers.0.mlp.gate_proj.weight"][:, 0].tolist() == list(range(WIDTH))


def test_quantised_weights_have_their_values(converted: Path) -> None:
    words = load_file(converted / "model.safetensors")["model.embed_tokens.weight"]
    assert words.shape == (len(TOKENS), WIDTH)
    assert (words == 4 * 0.5).all()


def test_the_tokenizer_merges_letters_and_keeps_digits_and_control_tokens_apart(converted: Path) -> None:
    tokenizer = Tokenizer.from_file(str(converted / "tokenizer.json"))
    assert tokenizer.encode("<|im_start|>hot12").tokens == ["<|im_start|>", "hot", "1", "2"]


def test_settings_are_those_of_the_file(converted: Path) -> None:
    config = json.loads((converted / "config.json").read_text())
    assert (config["hidden_size"], config["rope_parameters"]["rope_theta"]) == (WIDTH, 100_000.0)
    assert json.loads((converted / "tokenizer_config.json").read_text())["chat_template"] == "{{ messages }}"


def test_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / GGUF_FILE).write_bytes(struct.pack("<4sIQQ", b"GGUF", 2, 0, 0))
    with pytest.raises(ValueError, match="not of the format GGUF, version 3"):
        convert(tmp_path, tmp_path)


@pytest.mark.assets
def test_it_speaks() -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    path = resolve("SmolLM2-135M-Instruct").path
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)
    asked = [{"role": "user", "content": "What is the capital of France?"}]
    prompt = tokenizer.apply_chat_template(asked, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    answer = tokenizer.decode(model.generate(**prompt, max_new_tokens=10, do_sample=False)[0])
    assert answer.endswith("<|im_start|>assistant\nThe capital of France is Paris.<|im_end|>")

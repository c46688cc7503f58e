"""Speed and faithfulness of encoders, and the memory that a million texts take.

    python benchmarks/encode.py speed [--model NAME] [--lengths skewed|even] [--num-texts 600] [--rounds 5]
    python benchmarks/encode.py faithful [--model NAME] [--lengths skewed|even]
    python benchmarks/encode.py memory

`speed`: CPU seconds of one thread for texts of 3 to 250 made-up words, in interleaved rounds: this package at each precision, one
sorted `SentenceTransformer.encode()` call, its batches of 32 as they come, onnxruntime where it is installed. `faithful`: the
cosine to full precision of each of 1,000 vectors. `memory`: peak of a fresh process that encodes short texts by the million with
a static encoder.
"""

import argparse
import importlib.util
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from penchant.assets.resolve import resolve
from penchant.text.encoders.texts import pack
from penchant.text.encoders.transformer import TransformerEncoder

MAX_TOKENS = 256
Encode = Callable[[list[str]], np.ndarray]


def made_up_texts(count: int, path: Path, lengths: str, seed: int = 0) -> list[str]:
    """Words of the model's own vocabulary, 3 to 250 a text: as many long as short ones, or many short and few long."""
    from tokenizers import Tokenizer

    vocabulary = Tokenizer.from_file(str(path / "tokenizer.json")).get_vocab()
    words = sorted(word.lstrip("▁") for word in vocabulary if word.lstrip("▁").isalpha() and len(word) > 2)
    rng = np.random.default_rng(seed)
    skewed = np.exp(rng.uniform(np.log(3), np.log(251), count)).astype(int)
    drawn = {"even": rng.integers(3, 251, count), "skewed": skewed}[lengths]
    return [" ".join(rng.choice(words, length)) for length in drawn]


class WithOnnx:
    """The same tokens and batches, but another engine below."""

    def __init__(self, encoder: TransformerEncoder, folder: Path, at_8_bits: bool) -> None:
        import onnxruntime

        self.encoder = encoder
        path = exported(encoder, folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(quantised(path) if at_8_bits else path), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: list[str]) -> np.ndarray:
        tokens = self.encoder.tokenize(texts)
        vectors = np.empty((len(texts), self.encoder.dimension), np.float32)
        order = sorted(range(len(tokens)), key=lambda position: len(tokens[position]))
        for batch in pack(order, [len(ids) for ids in tokens], 2048):
            vectors[batch] = self._forward([tokens[position] for position in batch])
        return vectors

    def _forward(self, tokens: list[list[int]]) -> np.ndarray:
        width = max(map(len, tokens))
        ids = np.array([row + [0] * (width - len(row)) for row in tokens])
        mask = np.array([[1] * len(row) + [0] * (width - len(row)) for row in tokens])
        (states,) = self.session.run(None, {"input_ids": ids, "attention_mask": mask})
        means = (states * mask[..., None]).sum(1)
        return means / np.linalg.norm(means, axis=1, keepdims=True)


def exported(encoder: TransformerEncoder, folder: Path) -> Path:
    import torch

    class States(torch.nn.Module):
        def __init__(self, model: Any) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    path = folder / "model.onnx"
    if not path.exists():
        example = torch.ones(2, 7, dtype=torch.long)
        names = {"input_names": ["input_ids", "attention_mask"], "output_names": ["states"]}
        axes = {name: {0: "batch", 1: "length"} for name in ("input_ids", "attention_mask", "states")}
        model = States(encoder._checkpoint.model).eval()  # else the export would leave dropout on
        torch.onnx.export(model, (example, example), str(path), **names, dynamic_axes=axes, dynamo=False)
    return path


def quantised(path: Path) -> Path:
    from onnxruntime.quantization import quantize_dynamic

    target = path.with_name("model-int8.onnx")
    quantize_dynamic(path, target)
    return target


def at_8_bits(encoder: TransformerEncoder) -> TransformerEncoder:
    import torch

    checkpoint = encoder._checkpoint
    checkpoint.model = torch.ao.quantization.quantize_dynamic(checkpoint.model, {torch.nn.Linear}, dtype=torch.qint8)
    return encoder


def candidates(name: str, path: Path, folder: Path) -> dict[str, Encode]:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    ours = {
        precision: TransformerEncoder(path, name, max_tokens=MAX_TOKENS, precision=precision)
        for precision in ("float32", "bfloat16")
    }
    ours["int8, not offered"] = at_8_bits(TransformerEncoder(path, name, max_tokens=MAX_TOKENS))
    transformer = Transformer(str(path))
    library = SentenceTransformer(modules=[transformer, Pooling(ours["float32"].dimension), Normalize()], device="cpu")
    library.max_seq_length = MAX_TOKENS

    def batch_by_batch(texts: list[str]) -> np.ndarray:
        return np.concatenate([library.encode(texts[start : start + 32]) for start in range(0, len(texts), 32)])

    made: dict[str, Encode] = {f"penchant {precision}": encoder.encode for precision, encoder in ours.items()}
    made |= {"sentence-transformers, one call": library.encode, "sentence-transformers, as they come": batch_by_batch}
    if importlib.util.find_spec("onnxruntime") and importlib.util.find_spec("onnx"):
        made["onnxruntime float32"] = WithOnnx(ours["float32"], folder, at_8_bits=False).encode
        made["onnxruntime int8"] = WithOnnx(ours["float32"], folder, at_8_bits=True).encode
    return made


def speed(name: str, num_texts: int, rounds: int, lengths: str) -> None:
    import torch

    torch.set_num_threads(1)
    path = resolve(name).path
    with tempfile.TemporaryDirectory() as folder:
        encoders = candidates(name, path, Path(folder))
        seconds = interleaved(encoders, made_up_texts(num_texts, path, lengths), rounds)
    reference = seconds["sentence-transformers, one call"]
    print(f"\n{name}, {num_texts} texts of {lengths} lengths, {rounds} rounds, one thread")
    for row, taken in seconds.items():
        ratios = reference / taken
        print(
            f"{row:38} {num_texts / taken.min():7.1f} texts/CPU s   "
            f"{np.median(ratios):.2f} [{ratios.min():.2f}, {ratios.max():.2f}] x one call"
        )
    for row in ("penchant float32", "penchant bfloat16"):
        ratios = seconds["sentence-transformers, as they come"] / seconds[row]
        print(f"{row} / as they come: {np.median(ratios):.2f} [{ratios.min():.2f}, {ratios.max():.2f}]")


def faithful(name: str, lengths: str) -> None:
    path = resolve(name).path
    texts = made_up_texts(1000, path, lengths, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        compare(candidates(name, path, Path(folder)), texts)


def compare(encoders: dict[str, Encode], texts: list[str]) -> None:
    exact = encoders["penchant float32"](texts)
    for row, encode in encoders.items():
        cosines = (exact * encode(texts)).sum(axis=1)
        print(f"{row:38} cosine to float32: min {cosines.min():.4f}, mean {cosines.mean():.4f}")


def interleaved(encoders: dict[str, Encode], texts: list[str], rounds: int) -> dict[str, np.ndarray]:
    seconds: dict[str, list[float]] = {row: [] for row in encoders}
    for _ in range(rounds):
        for row, encode in encoders.items():
            began = time.process_time()
            encode(texts)
            seconds[row].append(time.process_time() - began)
    return {row: np.array(taken) for row, taken in seconds.items()}


MEMORY = """
import resource, sys, time
from pathlib import Path
from penchant.text.encoders.static import StaticEncoder
from penchant.vectors.encode import encode_new, store_for

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

encoder = StaticEncoder(Path(sys.argv[1]), "static")
store = store_for(Path(sys.argv[2]), encoder)
count = int(sys.argv[3])
began = time.process_time()
done = encode_new((f"w{n % 997} w{n % 1009} w{n % 13} w{n}" for n in range(count)), encoder, store)
assert done == len(store) == count
print(f"{count:>9,} texts: peak {peak():.0f} MiB, {count / (time.process_time() - began):,.0f} texts/CPU s")
"""


def memory() -> None:
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, pre_tokenizers

    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "static"
        model.mkdir()
        vocabulary = {"[UNK]": 0} | {f"w{number}": number + 1 for number in range(30_000)}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))  # noqa: S106
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        tokenizer.save(str(model / "tokenizer.json"))
        table = np.random.default_rng(0).normal(size=(len(vocabulary), 256)).astype(np.float32)
        save_file({"embeddings": table}, model / "model.safetensors")
        for count in (1000, 100_000, 1_000_000):
            command = [sys.executable, "-c", MEMORY, str(model), f"{folder}/store{count}", str(count)]
            print(subprocess.run(command, check=True, capture_output=True, text=True).stdout, end="", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["speed", "faithful", "memory"])
    parser.add_argument("--model", default="all-MiniLM-L6-v2", help="an asset with mean pooling")
    parser.add_argument("--num-texts", type=int, default=600)
    parser.add_argument("--lengths", choices=["skewed", "even"], default="skewed")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    if arguments.what == "memory":
        memory()
    elif arguments.what == "faithful":
        faithful(arguments.model, arguments.lengths)
    else:
        speed(arguments.model, arguments.num_texts, arguments.rounds, arguments.lengths)


if __name__ == "__main__":
    main()

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from penchant.vectors.encode import _next_size, encode_all, encode_new, new_texts, store_for
from penchant.vectors.store import VectorStore


class LengthEncoder:
    """[length, number of a's] of each text: a real encoder, small enough to work out by hand. Remembers its calls."""

    model_id = "org/length"
    dimension = 2

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.calls.append(list(texts))
        return np.array([[len(text), text.count("a")] for text in texts], np.float32)


def test_vectors_come_in_the_order_of_the_texts(tmp_path: Path) -> None:
    encoder = LengthEncoder()
    vectors = encode_all(["abc", "", "aa", "abc"], encoder, store_for(tmp_path, encoder))
    assert vectors.dtype == np.float32
    assert vectors.tolist() == [[3, 1], [0, 0], [2, 2], [3, 1]]


def test_each_text_is_encoded_once_in_batches(tmp_path: Path) -> None:
    encoder = LengthEncoder()
    encode_all(["a", "b", "a", "c", "d", "b", "e"], encoder, store_for(tmp_path, encoder), batch=2)
    assert encoder.calls == [["a", "b"], ["c", "d"], ["e"]]


def test_only_what_is_new_is_encoded_later(tmp_path: Path) -> None:
    encoder = LengthEncoder()
    encode_all(["a", "b"], encoder, store_for(tmp_path, encoder))
    encode_all(["b", "c", "a"], encoder, store_for(tmp_path, encoder))
    assert encoder.calls == [["a", "b"], ["c"]]


def test_new_texts_are_distinct_and_without_a_vector(tmp_path: Path) -> None:
    encoder = LengthEncoder()
    store = store_for(tmp_path, encoder)
    encode_all(["a"], encoder, store)
    assert new_texts(["c", "a", "b", "c"], encoder, store) == ["c", "b"]


def test_no_texts(tmp_path: Path) -> None:
    encoder = LengthEncoder()
    assert encode_all([], encoder, store_for(tmp_path, encoder)).shape == (0, 2)
    assert encoder.calls == []


def test_progress_counts_distinct_texts_and_starts_with_what_is_there(tmp_path: Path) -> None:
    encoder, seen = LengthEncoder(), []
    store = store_for(tmp_path, encoder)
    encode_all(["a", "b"], encoder, store)
    encode_all(["a", "c", "d", "e", "c"], encoder, store, batch=2, on_progress=lambda *step: seen.append(step))
    assert seen == [(1, 4), (3, 4), (4, 4)]
    seen.clear()
    encode_all(["a", "c"], encoder, store, on_progress=lambda *step: seen.append(step))
    assert seen == [(2, 2)]


@pytest.mark.parametrize(("seconds", "size"), [(0.1, 512), (1.0, 256), (9.0, 128)])
def test_batches_take_some_seconds(seconds: float, size: int) -> None:
    assert _next_size(256, seconds) == size
    assert _next_size(16_384, 0.1) == 16_384
    assert _next_size(1, 9.0) == 1


def test_batches_grow_while_they_are_quick(tmp_path: Path) -> None:
    encoder = LengthEncoder()
    encode_all(["a" * length for length in range(1000)], encoder, store_for(tmp_path, encoder))
    assert [len(call) for call in encoder.calls] == [256, 512, 232]


def test_a_stream_is_encoded_block_by_block(tmp_path: Path) -> None:
    encoder = LengthEncoder()
    store = store_for(tmp_path, encoder)
    encode_all(["b"], encoder, store)
    texts = iter(["a", "b", "a", "cc", "a", "d"])
    assert encode_new(texts, encoder, store, batch=3) == 3
    assert encoder.calls[1:] == [["a"], ["cc", "d"]]
    assert encode_all(["cc", "a"], encoder, store).tolist() == [[2, 0], [1, 1]]
    assert encode_new(iter([]), encoder, store) == 0


def test_a_damaged_vector_is_encoded_again(tmp_path: Path) -> None:
    encoder = LengthEncoder()
    folder = store_for(tmp_path, encoder).folder
    encode_all(["a", "bb"], encoder, store_for(tmp_path, encoder))
    content = bytearray((folder / "vectors.f16").read_bytes())
    content[0] ^= 1
    (folder / "vectors.f16").write_bytes(content)
    assert encode_all(["bb", "a"], encoder, store_for(tmp_path, encoder)).tolist() == [[2, 0], [1, 1]]
    assert encoder.calls == [["a", "bb"], ["a"]]


def test_a_search_does_not_wait_for_the_batches_of_another_process(tmp_path: Path) -> None:
    encoder = LengthEncoder()
    store = store_for(tmp_path, encoder)
    code = (
        "import sys, time; from pathlib import Path; from penchant.vectors.store import VectorStore\n"
        "with VectorStore(Path(sys.argv[1]), 2).turn(): print('in', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(store.folder)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert encode_all(["a search"], encoder, store).tolist() == [[8, 2]]
        assert other.poll() is None
        other.kill()


def test_each_model_has_its_folder(tmp_path: Path) -> None:
    assert store_for(tmp_path, LengthEncoder()).folder == tmp_path / "org%2Flength"


ENCODE = """
import sys, time
from pathlib import Path
import numpy as np
from penchant.vectors.encode import encode_all
from penchant.vectors.store import VectorStore

class SlowEncoder:
    model_id, dimension = "slow", 4
    def encode(self, texts):
        time.sleep(0.05)
        with open(sys.argv[2], "a") as log:
            log.writelines(text + "\\n" for text in texts)
        return np.array([[int(text)] * 4 for text in texts], np.float32)

store = VectorStore(Path(sys.argv[1]), 4)
texts = [str(number) for number in range(int(sys.argv[3]), int(sys.argv[4]))]
vectors = encode_all(texts, SlowEncoder(), store, batch=int(sys.argv[5]))
assert (vectors[:, 0] == [int(text) for text in texts]).all()
"""


def start(folder: Path, log: Path, first: int, last: int, batch: int = 3) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", ENCODE, *map(str, (folder, log, first, last, batch))])


def encoded(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


@pytest.mark.parametrize("num_encoded", [3, 12])
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, num_encoded: int) -> None:
    store, log, log_after = tmp_path / "store", tmp_path / "log", tmp_path / "log_after"
    process = start(store, log, 0, 60)
    while len(encoded(log)) < num_encoded:
        assert process.poll() is None
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()

    num_kept = len(VectorStore(store, 4))
    assert num_kept >= num_encoded - 3  # all but the chunk that was in the air
    assert num_kept < 60
    assert start(store, log_after, 0, 60).wait(timeout=60) == 0
    assert encoded(log_after) == [str(number) for number in range(num_kept, 60)]
    assert len(VectorStore(store, 4)) == 60


@pytest.mark.parametrize("firsts", [(0, 200), (0, 0)])
def test_two_runs_at_once_share_one_store_and_encode_no_text_twice(tmp_path: Path, firsts: tuple[int, int]) -> None:
    logs = [tmp_path / "log0", tmp_path / "log1"]
    running = [start(tmp_path / "store", log, first, first + 300, 20) for log, first in zip(logs, firsts, strict=True)]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    expected = sorted({*range(firsts[0], firsts[0] + 300), *range(firsts[1], firsts[1] + 300)})
    assert sorted(int(text) for log in logs for text in encoded(log)) == expected
    assert len(VectorStore(tmp_path / "store", 4)) == len(expected)
    assert VectorStore(tmp_path / "store", 4).damaged() == 0

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from penchant.records.errors import ArtifactError, DataError
from penchant.vectors.store import VectorStore, key_of


def keys_of(*texts: str) -> list[bytes]:
    return [key_of("model", text) for text in texts]


def test_gives_back_what_was_put_in_in_any_order(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, 2)
    store.append(keys_of("a", "b"), np.array([[1, 2], [3, 4]], np.float32))
    vectors = store.read(keys_of("b", "a", "b"))
    assert vectors.dtype == np.float32
    assert vectors.tolist() == [[3, 4], [1, 2], [3, 4]]


def test_reading_nothing(tmp_path: Path) -> None:
    assert VectorStore(tmp_path, 3).read([]).shape == (0, 3)


def test_missing_names_positions_each_key_once(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, 1)
    store.append(keys_of("b"), np.ones((1, 1)))
    assert store.missing(keys_of("c", "b", "a", "c")).tolist() == [0, 2]
    assert store.missing([]).tolist() == []


def test_reading_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="lacks the vectors of 2 texts"):
        VectorStore(tmp_path, 1).read(keys_of("a", "b", "a"))


def test_a_known_key_keeps_its_vector_and_its_row(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, 1)
    store.append(keys_of("a", "a"), np.array([[1.0], [1.0]]))
    store.append(keys_of("b", "a"), np.array([[2.0], [9.0]]))
    assert store.read(keys_of("a", "b")).tolist() == [[1], [2]]
    assert (tmp_path / "keys.bin").stat().st_size == 2 * 32


def test_is_found_again_when_opened_again(tmp_path: Path) -> None:
    VectorStore(tmp_path, 2).append(keys_of("a"), np.array([[0.5, -0.25]]))
    again = VectorStore(tmp_path, 2)
    assert len(again) == 1
    assert again.read(keys_of("a")).tolist() == [[0.5, -0.25]]


def test_half_precision_keeps_three_digits(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)
    keys = keys_of(*map(str, range(50)))
    store = VectorStore(tmp_path, 8)
    store.append(keys, vectors)
    np.testing.assert_allclose(store.read(keys), vectors, rtol=2**-11, atol=1e-7)


def test_sees_what_another_store_object_appended(tmp_path: Path) -> None:
    one, two = VectorStore(tmp_path, 1), VectorStore(tmp_path, 1)
    one.append(keys_of("a"), np.array([[1.0]]))
    two.append(keys_of("b", "a"), np.array([[2.0], [9.0]]))
    assert one.missing(keys_of("a", "b")).tolist() == []
    assert one.read(keys_of("a", "b")).tolist() == [[1], [2]]


def test_models_and_texts_never_share_a_key() -> None:
    assert key_of("m", "text") == key_of("m", "text")
    assert (
        len({key_of("m", "text"), key_of("mt", "ext"), key_of("m", "Text"), key_of("m", ""), key_of("m", "\ud800")})
        == 5
    )


@pytest.mark.parametrize(
    ("file_name", "num_bytes"),
    [
        *(("keys.bin", 32), ("keys.bin", 1), ("keys.bin", 33)),
        *(("vectors.f16", 8), ("vectors.f16", 3), ("vectors.f16", 9)),
        *(("sums.bin", 4), ("sums.bin", 1), ("sums.bin", 5)),
    ],
)
def test_a_cut_file_loses_the_last_rows_only(tmp_path: Path, file_name: str, num_bytes: int) -> None:
    """4-d rows: 32 bytes of key, 8 of vector. What a crash cut off is encoded again; the rest is kept."""
    texts, vectors = ["a", "b", "c"], np.arange(12.0).reshape(3, 4)
    VectorStore(tmp_path, 4).append(keys_of(*texts), vectors)
    path = tmp_path / file_name
    os.truncate(path, path.stat().st_size - num_bytes)
    lost = -(-num_bytes // {"keys.bin": 32, "vectors.f16": 8, "sums.bin": 4}[file_name])

    store = VectorStore(tmp_path, 4)
    assert store.missing(keys_of(*texts)).tolist() == list(range(3 - lost, 3))
    assert (tmp_path / "keys.bin").stat().st_size == 32 * (3 - lost)
    assert (tmp_path / "vectors.f16").stat().st_size == 8 * (3 - lost)
    store.append(keys_of(*texts), vectors)
    assert VectorStore(tmp_path, 4).read(keys_of(*texts)).tolist() == vectors.tolist()


def test_half_an_append_of_a_dead_process_is_healed_by_the_next_append(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, 1)
    store.append(keys_of("a"), np.array([[1.0]]))
    with (tmp_path / "vectors.f16").open("ab") as file:
        file.write(b"\0\0\0")
    store.append(keys_of("b"), np.array([[2.0]]))
    assert VectorStore(tmp_path, 1).read(keys_of("a", "b")).tolist() == [[1], [2]]


def flip(path: Path, place: int) -> None:
    """One bit of one byte."""
    content = bytearray(path.read_bytes())
    content[place] ^= 4
    path.write_bytes(content)


@pytest.mark.parametrize(("file_name", "row_bytes"), [("keys.bin", 32), ("vectors.f16", 8), ("sums.bin", 4)])
@pytest.mark.parametrize("row", [0, 1, 2])
def test_one_flipped_bit_is_found_and_its_row_encoded_again(
    tmp_path: Path, file_name: str, row_bytes: int, row: int, caplog: pytest.LogCaptureFixture
) -> None:
    texts, vectors = ["a", "b", "c"], np.arange(12.0).reshape(3, 4)
    VectorStore(tmp_path, 4).append(keys_of(*texts), vectors)
    flip(tmp_path / file_name, row * row_bytes + row_bytes // 2)

    store = VectorStore(tmp_path, 4)
    assert store.damaged() == 1
    assert "1 damaged vectors" in caplog.text
    assert store.missing(keys_of(*texts)).tolist() == [row]
    with pytest.raises(ArtifactError, match="lacks the vectors of 1 texts"):
        store.read(keys_of(*texts))
    store.append(keys_of(*texts), vectors)
    assert store.read(keys_of(*texts)).tolist() == vectors.tolist()
    assert VectorStore(tmp_path, 4).read(keys_of(*texts)).tolist() == vectors.tolist()


def test_every_flipped_bit_of_a_vector_is_found(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, 4)
    store.append(keys_of("a"), np.ones((1, 4)))
    sound = (tmp_path / "vectors.f16").read_bytes()
    for bit in range(8 * len(sound)):
        content = bytearray(sound)
        content[bit // 8] ^= 1 << bit % 8
        (tmp_path / "vectors.f16").write_bytes(content)
        assert VectorStore(tmp_path, 4).damaged() == 1


def test_a_store_without_checksums_gets_them(tmp_path: Path) -> None:
    """Stores of the first version had none."""
    texts = list(map(str, range(5000)))
    VectorStore(tmp_path, 1).append(keys_of(*texts), np.arange(5000.0)[:, None] % 100)
    sums = (tmp_path / "sums.bin").read_bytes()
    (tmp_path / "sums.bin").unlink()
    store = VectorStore(tmp_path, 1)
    assert (tmp_path / "sums.bin").read_bytes() == sums
    assert store.read(keys_of("7", "4999")).tolist() == [[7], [99]]


def test_rows_point_into_the_mapped_vectors(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, 1)
    store.append(keys_of("a", "b"), np.array([[1.0], [2.0]]))
    assert isinstance(store.vectors, np.memmap)
    assert not store.vectors.flags.writeable
    assert store.rows(keys_of("b", "a", "b")).tolist() == [1, 0, 1]
    assert store.vectors[store.rows(keys_of("b"))].tolist() == [[2.0]]


def test_many_blocks_of_rows(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, 1)
    for start in range(0, 10_000, 1000):
        numbers = range(start, start + 1000)
        store.append(keys_of(*map(str, numbers)), np.array([[number % 512] for number in numbers]))
        assert store.read(keys_of(str(start + 1)))[0, 0] == (start + 1) % 512
    numbers = np.random.default_rng(0).permutation(10_000)
    assert (VectorStore(tmp_path, 1).read(keys_of(*map(str, numbers)))[:, 0] == numbers % 512).all()
    flip(tmp_path / "vectors.f16", 2 * 9999)
    assert VectorStore(tmp_path, 1).missing(keys_of("9998", "9999")).tolist() == [1]


def test_only_one_process_has_the_turn(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from penchant.vectors.store import VectorStore\n"
        "with VectorStore(Path(sys.argv[1]), 1).turn(): print('in', flush=True); time.sleep(0.3); print('out', flush=True)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        with VectorStore(tmp_path, 1).turn():
            assert other.wait(timeout=10) == 0


def test_a_lost_file_while_in_use_is_told(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, 1)
    store.append(keys_of("a"), np.array([[1.0]]))
    (tmp_path / "vectors.f16").unlink()
    with pytest.raises(ArtifactError, match="lost vectors while it was in use"):
        store.read(keys_of("a"))


def test_another_dimension_is_refused(tmp_path: Path) -> None:
    VectorStore(tmp_path, 4)
    with pytest.raises(
        ArtifactError, match=r"made for .*'dimension': 4.*not for .*'dimension': 8.*one folder per model"
    ):
        VectorStore(tmp_path, 8)


@pytest.mark.parametrize("shape", [(1, 2), (2, 3), (2,)])
def test_vectors_of_another_shape_are_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match=r"need vectors of shape \(2, 2\), found"):
        VectorStore(tmp_path, 2).append(keys_of("a", "b"), np.ones(shape))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e6])
def test_vectors_that_half_precision_cannot_hold_are_refused(tmp_path: Path, value: float) -> None:
    store = VectorStore(tmp_path, 1)
    with pytest.raises(DataError, match="must be finite"):
        store.append(keys_of("a"), np.array([[value]]))
    assert len(store) == 0


APPEND = """
import sys
from pathlib import Path
import numpy as np
from penchant.vectors.store import VectorStore, key_of

store = VectorStore(Path(sys.argv[1]), 16)
for start in range(0, 400, 5):
    numbers = range(start, start + 5)
    store.append([key_of("model", str(n)) for n in numbers], np.array([[n] * 16 for n in numbers]))
"""


def test_processes_that_append_the_same_at_once_neither_corrupt_nor_duplicate(tmp_path: Path) -> None:
    running = [subprocess.Popen([sys.executable, "-c", APPEND, str(tmp_path)]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    assert (tmp_path / "keys.bin").stat().st_size == 400 * 32
    assert (tmp_path / "vectors.f16").stat().st_size == 400 * 16 * 2
    vectors = VectorStore(tmp_path, 16).read(keys_of(*map(str, range(400))))
    assert (vectors == np.arange(400)[:, None]).all()

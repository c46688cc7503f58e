import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from penchant.media.efficientnet import EfficientNetLite0
from penchant.media.encoder import NAME, PictureEncoder, encode_pictures
from penchant.media.pictures import Picture, find, pixels

PALACE, BELL_COTE, MONASTERY, DAISY = 698, 442, 663, 985
"""Places among ImageNet's thousand classes."""


def picture(values: np.ndarray) -> Picture:
    file = io.BytesIO()
    Image.fromarray(values.astype(np.uint8)).save(file, "PNG")
    return Picture(file.getvalue(), f"{hash(file.getvalue())}")


def noise(seed: int) -> Picture:
    return picture(np.random.default_rng(seed).integers(0, 255, (40, 40, 3)))


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same network with weights by chance, for tests that need no sense."""
    torch.manual_seed(0)
    network = EfficientNetLite0().eval()
    monkeypatch.setattr(PictureEncoder, "network", network)


@pytest.mark.assets
def test_a_palace_and_a_daisy_are_seen() -> None:
    """scikit-learn's two sample pictures: a Chinese palace and a yellow flower."""
    from sklearn.datasets import load_sample_images

    found = [picture(image) for image in load_sample_images().images]
    encoder = PictureEncoder({each.digest: each for each in found})
    features = encoder.encode([each.digest for each in found])
    classes = encoder.network.fc(torch.from_numpy(features))
    assert {PALACE, BELL_COTE, MONASTERY} <= set(classes[0].topk(3).indices.tolist())
    assert classes.argmax(1).tolist() == [PALACE, DAISY]


@pytest.mark.assets
def test_the_same_thing_smaller_is_nearer_than_another_thing() -> None:
    from sklearn.datasets import load_sample_images

    palace, flower = load_sample_images().images
    found = [picture(image) for image in (palace, palace[::2, ::2], flower)]
    features = PictureEncoder({each.digest: each for each in found}).encode([each.digest for each in found])
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    assert unit[0] @ unit[1] > 0.8 > 0.5 > unit[0] @ unit[2]


@pytest.mark.usefixtures("untrained")
def test_what_cannot_be_read_is_zeros_and_the_others_keep_their_rows() -> None:
    known = {"a": noise(0), "b": Picture(b"broken", "b"), "c": noise(1)}
    vectors = PictureEncoder(known).encode(["a", "b", "c"])
    assert vectors.shape == (3, PictureEncoder.dimension)
    assert vectors.any(axis=1).tolist() == [True, False, True]
    assert np.allclose(
        vectors[2], PictureEncoder(known).features(np.stack([pixels(known["c"].content())]))[0], atol=1e-5
    )


@pytest.mark.usefixtures("untrained")
def test_a_picture_is_encoded_once_whatever_its_file_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(noise(3).content())
    seen: list[int] = []
    features = PictureEncoder.features
    monkeypatch.setattr(PictureEncoder, "features", lambda self, x: (seen.append(len(x)), features(self, x))[1])
    first = encode_pictures([find("a.png", tmp_path), find("b.png", tmp_path)], tmp_path / "store")
    again = encode_pictures([find("b.png", tmp_path)], tmp_path / "store")
    assert seen == [1]
    assert np.array_equal(first[0], first[1])
    assert np.array_equal(first[0], again[0])


def test_the_name_of_the_model_is_that_of_the_asset() -> None:
    assert PictureEncoder.model_id.startswith(NAME)

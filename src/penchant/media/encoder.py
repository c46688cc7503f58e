"""Pictures to vectors by a network that learned on ImageNet; the protocol and the store are those of texts.

What stands for a text there is the digest of a picture's bytes: so a picture is encoded once, whatever its file is called.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from penchant.assets.resolve import resolve
from penchant.media.efficientnet import FEATURES, EfficientNetLite0
from penchant.media.pictures import SIDE, NoPictureError, Picture, pixels
from penchant.vectors.encode import encode_all, store_for

NAME = "efficientnet-lite0"
BATCH = 16


class PictureEncoder:
    """An `Encoder` of the digests of `known` pictures. The weights are had, and loaded, by the first picture.

    A picture that cannot be read is a row of zeros. Raises: AssetError where the weights cannot be had.
    """

    model_id = f"{NAME}-{SIDE}"
    dimension = FEATURES

    def __init__(self, known: Mapping[str, Picture]) -> None:
        self._known = known

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Features, float32 (n, 1280), at least 0, row by row in the order of the digests."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), BATCH):
            seen = dict(self._pixels(texts, range(start, min(start + BATCH, len(texts)))))
            if seen:
                vectors[list(seen)] = self.features(np.stack(list(seen.values())))
        return vectors

    @torch.inference_mode()
    def features(self, seen: np.ndarray) -> np.ndarray:
        """Of pixels, uint8 (B, SIDE, SIDE, 3): float32 (B, 1280)."""
        scaled = (torch.from_numpy(seen).permute(0, 3, 1, 2).float() - 127) / 128
        return np.asarray(self.network(scaled.contiguous(memory_format=torch.channels_last)).numpy())

    @cached_property
    def network(self) -> EfficientNetLite0:
        return EfficientNetLite0.load(resolve(NAME).path / "model.safetensors")

    def _pixels(self, digests: Sequence[str], places: Iterable[int]) -> Iterable[tuple[int, np.ndarray]]:
        for place in places:
            try:
                yield place, pixels(self._known[digests[place]].content())
            except NoPictureError:
                continue


def encode_pictures(pictures: Sequence[Picture], root: Path) -> np.ndarray:
    """Vectors of pictures, float32 (n, 1280), by way of the store below `root`. Zeros: it cannot be read.

    No content is encoded twice, and what was encoded before asks for no weights.
    """
    encoder = PictureEncoder({picture.digest: picture for picture in pictures})
    return encode_all([picture.digest for picture in pictures], encoder, store_for(root, encoder))

"""From what a cell says of a picture to its bytes and its pixels. Nothing is fetched, and no file outside the folder is opened.

Why a picture cannot be had is told in the words of `REASONS`; nobody's broken file stops a run.
"""

import base64
import binascii
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

import numpy as np

from penchant.records.errors import MissingExtraError

SIDE = 224
"""Pixels of a picture as the encoder sees it."""
MAX_BYTES, MAX_PIXELS = 32 << 20, 50_000_000
"""What is larger, packed or unpacked, is not opened: a few bytes may claim to be a picture of a terabyte."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
ADDRESS, OUTSIDE, NO_FILE, TOO_LARGE, UNREADABLE = REASONS = (
    "an address on the network, and nothing is fetched",
    "outside the folder of the items",
    "no such file",
    "too large",
    "not a picture that can be read",
)


class NoPictureError(Exception):
    """Its text is one of `REASONS`. Callers count it; no user sees it."""


@dataclass(frozen=True)
class Picture:
    """Where a picture's bytes are: a file, or themselves; `digest` of the bytes, in hex, stands for them."""

    source: Path | bytes
    digest: str

    def content(self) -> bytes:
        """Raises: NoPictureError where the file has gone in the meantime."""
        return self.source if isinstance(self.source, bytes) else _of_file(self.source)


def find(said: str, folder: Path | None) -> Picture:
    """The picture of a cell: a path relative to `folder` (None: there is none), or a `data:` address with the bytes in it.

    A link that leads out of the folder is outside of it. Raises: NoPictureError.

    >>> find("data:text/plain,hello", None).content()
    b'hello'
    >>> find("https://example.org/shoe.png", None)
    Traceback (most recent call last):
    penchant.media.pictures.NoPictureError: an address on the network, and nothing is fetched
    """
    said = said.strip()
    if said[:5].lower() == "data:":
        source: Path | bytes = _of_address(said)
    elif "://" in said:
        raise NoPictureError(ADDRESS)
    else:
        source = _below(said, folder)
    content = source if isinstance(source, bytes) else _of_file(source)
    return Picture(source, hashlib.blake2b(content, digest_size=32).hexdigest())


def pixels(content: bytes) -> np.ndarray:
    """The middle square of a picture, uint8 (SIDE, SIDE, 3); what shines through is white; of a film the first frame.

    Raises: NoPictureError for what is no picture of one of FORMATS, is cut off, or has more than MAX_PIXELS.
    """
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ImportError as error:
        raise MissingExtraError.of("pillow", "media") from error
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise NoPictureError(TOO_LARGE)
            image.draft("RGB", (2 * SIDE, 2 * SIDE))
            seen = ImageOps.exif_transpose(image).convert("RGBA")
    except Image.DecompressionBombError:
        raise NoPictureError(TOO_LARGE) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError):
        raise NoPictureError(UNREADABLE) from None
    seen = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
    return np.asarray(ImageOps.fit(seen, (SIDE, SIDE), Image.Resampling.BICUBIC))


def _of_address(said: str) -> bytes:
    """The bytes of a `data:` address (RFC 2397)."""
    head, comma, body = said[5:].partition(",")
    if len(body) > 2 * MAX_BYTES:
        raise NoPictureError(TOO_LARGE)
    try:
        plain = unquote_to_bytes(body)
        content = base64.b64decode(plain, validate=True) if head.lower().endswith(";base64") else plain
    except (binascii.Error, ValueError):
        raise NoPictureError(UNREADABLE) from None
    if not comma or len(content) > MAX_BYTES:
        raise NoPictureError(TOO_LARGE if comma else UNREADABLE)
    return content


def _below(said: str, folder: Path | None) -> Path:
    if folder is None:
        raise NoPictureError(OUTSIDE)
    try:
        root = folder.resolve()
        path = (root / said).resolve()
        if not path.is_relative_to(root):
            raise NoPictureError(OUTSIDE)
        if not path.is_file():
            raise NoPictureError(NO_FILE)
    except (OSError, ValueError, RuntimeError):
        raise NoPictureError(NO_FILE) from None
    return path


def _of_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise NoPictureError(TOO_LARGE)
        return path.read_bytes()
    except OSError:
        raise NoPictureError(NO_FILE) from None

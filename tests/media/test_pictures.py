import base64
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from penchant.media.pictures import (
    ADDRESS,
    MAX_BYTES,
    NO_FILE,
    OUTSIDE,
    SIDE,
    TOO_LARGE,
    UNREADABLE,
    NoPictureError,
    find,
    pixels,
)


def packed(colour: str | tuple[int, ...] = "red", size: tuple[int, int] = (30, 20), kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGBA" if isinstance(colour, tuple) else "RGB", size, colour).save(file, kind)
    return file.getvalue()


def reason(said: str, folder: Path | None) -> str:
    with pytest.raises(NoPictureError) as told:
        find(said, folder)
    return str(told.value)


def unreadable(content: bytes) -> str:
    with pytest.raises(NoPictureError) as told:
        pixels(content)
    return str(told.value)


def test_a_file_and_the_same_bytes_in_an_address_are_one_picture(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a shoe.png").write_bytes(packed())
    address = "data:image/png;base64," + base64.b64encode(packed()).decode()
    assert find("pictures/a shoe.png", tmp_path).digest == find(address, None).digest
    assert find(address, None).digest != find("data:,x", None).digest
    assert find("pictures/a shoe.png", tmp_path).content() == packed()


def test_no_file_outside_the_folder_is_opened(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (tmp_path / "secret.png").write_bytes(packed())
    (shop / "link.png").symlink_to(tmp_path / "secret.png")
    for said in ("../secret.png", str(tmp_path / "secret.png"), "link.png", "x/../../secret.png"):
        assert reason(said, shop) == OUTSIDE
    assert reason("secret.png", None) == OUTSIDE


def test_what_cannot_be_had_is_told(tmp_path: Path) -> None:
    assert reason("https://example.org/shoe.png", tmp_path) == ADDRESS
    assert reason("file:///etc/passwd", tmp_path) == ADDRESS
    assert reason("nothing.png", tmp_path) == NO_FILE
    assert reason(".", tmp_path) == NO_FILE
    assert reason("a\0b", tmp_path) == NO_FILE
    assert reason("n" * 5000, tmp_path) == NO_FILE
    assert reason("data:image/png;base64,%%%", tmp_path) == UNREADABLE
    assert reason("data:image/png", tmp_path) == UNREADABLE


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large.png").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert reason("large.png", tmp_path) == TOO_LARGE


def test_a_file_that_went_away_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(packed())
    picture = find("a.png", tmp_path)
    (tmp_path / "a.png").unlink()
    with pytest.raises(NoPictureError, match=NO_FILE):
        picture.content()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_pictures_of_all_kinds_become_one_size(kind: str) -> None:
    seen = pixels(packed("red", (300, 100), kind))
    assert seen.shape == (SIDE, SIDE, 3)
    assert seen.dtype == np.uint8
    assert np.abs(seen.mean((0, 1)) - [255, 0, 0]).max() < 4


def test_what_shines_through_is_white() -> None:
    assert pixels(packed((255, 0, 0, 0))).min() == 255


def test_the_middle_is_looked_at_not_squeezed() -> None:
    image = Image.new("RGB", (300, 100), "blue")
    image.paste("red", (100, 0, 200, 100))
    file = io.BytesIO()
    image.save(file, "PNG")
    assert pixels(file.getvalue())[:, 5:-5].mean((0, 1)).tolist() == [255, 0, 0]


def test_broken_pictures_are_told() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (90, 90, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    assert unreadable(b"") == UNREADABLE
    assert unreadable(b"no picture") == UNREADABLE
    assert unreadable(file.getvalue()[:9000]) == UNREADABLE


def test_a_bomb_is_not_unpacked() -> None:
    """A few bytes that claim to be 100,000 x 100,000 pixels, and some that claim a little more than is allowed."""

    def claiming(side: int) -> bytes:
        head = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
            for chunk in (head, b"IDAT" + zlib.compress(bytes(100)), b"IEND")
        )

    assert unreadable(claiming(100_000)) == TOO_LARGE
    assert unreadable(claiming(7_100)) == TOO_LARGE
    assert unreadable(claiming(100)) == UNREADABLE

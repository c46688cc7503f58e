"""A made-up shop whose articles say nothing and show everything: drawn patterns in many colours. People follow a pattern."""

import base64
import io
from dataclasses import dataclass

import numpy as np
import polars as pl
from PIL import Image

import penchant as pn
from penchant.records.data import Data

PATTERNS = ("stripes", "bars", "checks", "dots", "rings", "slopes")
EACH, NEW = 14, 4
"""Articles of each pattern in the catalogue, and further ones that nobody has met."""
SIDE = 96
FAITH = 0.85
"""How often somebody takes an article of their own pattern."""


@dataclass(frozen=True, kw_only=True)
class Shop:
    """`data`: without the new articles; `new`: their rows; `pattern`: of each id, its place in PATTERNS."""

    data: Data
    new: list[dict[str, str]]
    pattern: dict[str, int]


def drawn_shop(seed: int = 0, *, shuffled: bool = False, num_people: int = 120, pictures: bool = True) -> Shop:
    """shuffled: each article shows the picture of another one, drawn by chance; all else stays."""
    rng = np.random.default_rng(seed)
    kinds = np.repeat(np.arange(len(PATTERNS)), EACH + NEW)
    images = np.array([address(drawing(PATTERNS[kind], rng)) for kind in kinds], object)
    if shuffled:
        images = images[np.random.default_rng(seed + 1).permutation(len(images))]
    codes = rng.choice(100_000, len(kinds), replace=False)
    ids = [f"i{place}" for place in rng.permutation(len(kinds))]
    rows = [
        {"item_id": name, "title": f"Article {code}", **({"image": image} if pictures else {})}
        for name, code, image in zip(ids, codes, images, strict=True)
    ]
    is_new = np.tile(np.arange(EACH + NEW) >= EACH, len(PATTERNS))
    events = _events(rng, kinds, np.array(ids), np.flatnonzero(~is_new), num_people)
    known = pl.DataFrame([row for row, new in zip(rows, is_new, strict=True) if not new])
    return Shop(
        data=pn.read(events, items=known),
        new=[row for row, new in zip(rows, is_new, strict=True) if new],
        pattern=dict(zip(ids, kinds.tolist(), strict=True)),
    )


def _events(
    rng: np.random.Generator, kinds: np.ndarray, ids: np.ndarray, known: np.ndarray, num_people: int
) -> pl.DataFrame:
    rows = []
    for person in range(num_people):
        own = known[kinds[known] == person % len(PATTERNS)]
        for step in range(8):
            item = rng.choice(own if rng.random() < FAITH else known)
            rows.append((f"u{person}", ids[item], 1_600_000_000 + 86_400 * step + int(rng.integers(80_000)), "view"))
    return pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp", "kind"], orient="row")


def drawing(pattern: str, rng: np.random.Generator) -> np.ndarray:
    """A pattern in two colours of its own, with its own width and place, and some noise: uint8 (SIDE, SIDE, 3)."""
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    width, shift = rng.uniform(8, 14), rng.uniform(0, 30, 2)
    across, down = np.sin((x + shift[0]) * np.pi / width), np.sin((y + shift[1]) * np.pi / width)
    far = np.hypot(x - SIDE / 2 - shift[0] / 3, y - SIDE / 2 - shift[1] / 3)
    shapes = {
        "stripes": down > 0,
        "bars": across > 0,
        "checks": across * down > 0,
        "dots": (across > 0.3) & (down > 0.3),
        "rings": np.sin(far * np.pi / width) > 0,
        "slopes": np.sin((x + y + shift[0]) * np.pi / (1.4 * width)) > 0,
    }
    front, back = rng.integers(0, 110, 3), rng.integers(146, 256, 3)
    colours = (front, back) if rng.random() < 0.5 else (back, front)
    drawn = np.where(shapes[pattern][..., None], *colours) + rng.normal(0, 8, (SIDE, SIDE, 3))
    return drawn.clip(0, 255).astype(np.uint8)


def packed(drawn: np.ndarray) -> bytes:
    """As a PNG."""
    file = io.BytesIO()
    Image.fromarray(drawn).save(file, "PNG")
    return file.getvalue()


def address(drawn: np.ndarray) -> str:
    """With the bytes in it."""
    return "data:image/png;base64," + base64.b64encode(packed(drawn)).decode()

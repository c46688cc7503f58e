"""How an item becomes a sentence: its own words in a fixed order. Nothing that people did with it (ratings, counts)."""

import json
import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from penchant.records.errors import DataError

YEAR_KEYS = ("year", "release_year")
MAX_ATTRIBUTE_CHARS = 80
ENDS = (".", "!", "?", "…", "。", "！", "？")
NUMBER = re.compile(r"[-+]?[\d.,\s]*\d[\d.,\s]*%?")


def item_texts(items: pl.DataFrame) -> list[str]:
    """One text for each row of an items table, in its order."""
    wanted = [name for name in ("item_id", "title", "description", "tags", "attributes") if name in items.columns]
    return [item_text(row) for row in items.select(wanted).iter_rows(named=True)]


def item_text(row: Mapping[str, Any]) -> str:
    """Title (year), tags, attributes, description: what is missing is skipped, nothing is cut off.

    Of the attributes only short strings are taken: a number may be an average rating, which would leak.
    Raises DataError for attributes that are no JSON object.

    >>> item_text({"title": "Toy Story", "tags": ["Animation", "Comedy"], "attributes": '{"year": 1995, "score": 4.2}'})
    'Toy Story (1995). Animation, Comedy.'
    """
    attributes = _attributes(row)
    title = _one_line(row.get("title"))
    year = next((str(attributes[key]) for key in YEAR_KEYS if _is_year(attributes.get(key))), "")
    tags = [_one_line(tag) for tag in row.get("tags") or []]
    parts = [
        f"{title} ({year})" if title and year and year not in title else title or year,
        ", ".join(tag for tag in tags if tag),
        *(
            f"{_one_line(key.replace('_', ' '))}: {_one_line(value)}"
            for key, value in attributes.items()
            if _is_words(key, value)
        ),
        _one_line(row.get("description")),
    ]
    return " ".join(_sentence(part) for part in parts if part)


def _attributes(row: Mapping[str, Any]) -> dict[str, Any]:
    text = row.get("attributes")
    if not text:
        return {}
    try:
        attributes = json.loads(text)
    except ValueError:
        attributes = None
    if not isinstance(attributes, dict):
        raise DataError(
            f"The attributes of item {row.get('item_id')!r} must be a JSON object, found {text!r}. "
            'Write them like {"brand": "Sony"}.'
        )
    return attributes


def _is_year(value: object) -> bool:
    return re.fullmatch(r"1[0-9]{3}|20[0-9]{2}", str(value)) is not None


def _is_words(key: str, value: object) -> bool:
    if key in YEAR_KEYS or not isinstance(value, str) or "://" in value:
        return False
    return 0 < len(value.strip()) <= MAX_ATTRIBUTE_CHARS and not NUMBER.fullmatch(value.strip())


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _sentence(text: str) -> str:
    return text if text.endswith(ENDS) else f"{text}."

"""Last.fm of HetRec 2011 (Cantador et al.): user_artists.dat, and artists, tags and friends where they are there."""

from pathlib import Path

import polars as pl

from penchant.data.sources.folder import Noting, file_of, found
from penchant.data.tables import Tables

FILES = ("*user_artists.dat",)
TAGS_SHOWN = 10
"""The most frequent ones of each artist."""


def read_lastfm(folder: Path) -> Tables:
    """Plays, one row per person and artist, whose value is how often; friends are an attribute of people.

    There are no times of plays. Tags are given by people at any time, also after a play: the notes say so.
    """
    read, artists, friends = Noting(), found(folder, "artists.dat"), found(folder, "*user_friends.dat")
    events = read(file_of(folder, FILES[0])).rename({"userID": "user_id", "artistID": "item_id"})
    items = (
        read(artists, "items").rename({"id": "item_id", "name": "title", "pictureURL": "image"}) if artists else None
    )
    tags = _tags(folder, read)
    if items is not None and tags is not None:
        items = items.join(tags, on="item_id", how="left", maintain_order="left")
        read.notes.append("items: tags are of all times, also from after the plays")
    users = _friends(read(friends, "friends")) if friends else None
    return Tables(
        events=events.with_columns(kind=pl.lit("play")),
        items=items,
        users=users,
        notes=tuple(read.notes),
        repairs=read.repairs,
    )


def _tags(folder: Path, read: Noting) -> pl.DataFrame | None:
    """item_id and the tags that it was given most often."""
    tagged, names = found(folder, "*user_taggedartists.dat"), found(folder, "tags.dat")
    if not tagged or not names:
        return None
    counted = read(tagged, "tags").group_by("artistID", "tagID", maintain_order=True).len()
    named = counted.join(read(names, "tags"), on="tagID", maintain_order="left").sort(
        "len", descending=True, maintain_order=True
    )
    return named.group_by(pl.col("artistID").alias("item_id"), maintain_order=True).agg(
        tags=pl.col("tagValue").head(TAGS_SHOWN)
    )


def _friends(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.group_by(pl.col("userID").alias("user_id"), maintain_order=True).agg(friends="friendID")

"""Exports of Douban: one table with Chinese headers (用户, 电影, 评分, 短评, 时间), or ratings, comments and films in CSV.

The second kind is what crawls publish: ratings.csv, comments.csv and movies.csv with USER_MD5 and MOVIE_ID.
"""

import re
from pathlib import Path

import polars as pl

from penchant.data.sources.folder import Noting, bare_name, file_of, first_line, found
from penchant.data.sources.future import without_future
from penchant.data.tables import Tables

FILES = ("*ratings.csv", "*movies.csv")
USERS = ("用户", "用户id", "用户名", "昵称", "用户编号")
WORKS = ("电影", "影片", "电影名", "图书", "书名", "音乐", "专辑", "作品", "条目", "片名", "标题")
WORK_IDS = ("电影id", "影片id", "图书id", "音乐id", "条目id", "作品id", "豆瓣id")
RATINGS = ("评分", "我的评分", "打分", "星级")
COMMENTS = ("评论", "短评", "评价", "我的评论", "内容")
TIMES = ("时间", "评论时间", "评分时间", "创建时间", "日期")
STARS = {"力荐": "5", "推荐": "4", "还行": "3", "较差": "2", "很差": "1"}
"""What Douban's stars are called on its pages."""
CRAWLED = {"USER_MD5": "user_id", "MOVIE_ID": "item_id", "RATING_TIME": "timestamp", "COMMENT_TIME": "timestamp",
           "RATING": "rating", "CONTENT": "text"}  # fmt: skip


def is_export(path: Path) -> bool:
    """Whether the columns of a CSV file are those of somebody's ratings of works, in whichever encoding."""
    if not bare_name(path).endswith(".csv"):
        return False
    head = first_line(path)
    headers = (re.split(r"[,;\t]", head.decode(codec, "ignore")) for codec in ("utf-8-sig", "gb18030", "utf-16"))
    return any(
        all(_first(header, names) for names in (USERS, WORKS + WORK_IDS, RATINGS + COMMENTS)) for header in headers
    )


def read_export(path: Path) -> Tables:
    """A table with Chinese headers; a work without an id is known by its name."""
    read = Noting()
    frame = read(path)
    words = {"user_id": USERS, "rating": RATINGS, "text": COMMENTS, "timestamp": TIMES}
    columns = {word: name for word, names in words.items() if (name := _first(frame.columns, names))}
    name, key = _first(frame.columns, WORKS), _first(frame.columns, WORK_IDS)
    item = pl.col(key or name or "").alias("item_id")
    events = _tidy(frame.select(item, **{word: pl.col(column) for word, column in columns.items()}))
    items = (
        frame.select(item, title=pl.col(name)).unique("item_id", keep="first", maintain_order=True) if name else None
    )
    return Tables(events=events, items=items, notes=tuple(read.notes), repairs=read.repairs)


def is_crawl(folder: Path) -> bool:
    """Whether ratings.csv is one of Douban's and not of MovieLens."""
    ratings = found(folder, FILES[0])
    return bool(ratings and found(folder, FILES[1]) and b"USER_MD5" in first_line(ratings))


def read_crawl(folder: Path) -> Tables:
    """Ratings and comments by people of films; scores and votes of all people are left out."""
    paths = [path for name in (FILES[0], "*comments.csv") if (path := found(folder, name))]
    read = Noting()
    parts = [_tidy(_crawled(read(path))) for path in paths]
    items, notes = without_future(read(file_of(folder, FILES[1]), "items"), "items")
    names = {"MOVIE_ID": "item_id", "NAME": "title", "STORYLINE": "description", "COVER": "image", "GENRES": "tags"}
    items = items.drop("TAGS", strict=False).rename(
        {name: word for name, word in names.items() if name in items.columns}
    )
    return Tables(
        events=pl.concat(parts, how="diagonal"), items=items, notes=(*read.notes, *notes), repairs=read.repairs
    )


def _crawled(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.col(name).alias(word) for name, word in CRAWLED.items() if name in frame.columns)


def _tidy(events: pl.DataFrame) -> pl.DataFrame:
    """Stars as numbers and times in ISO 8601, from the ways in which Douban and its exports write them."""
    changes = []
    if "rating" in events.columns:
        stars = pl.col("rating").str.strip_chars().replace(STARS)
        shown = stars.str.count_matches("★")
        changes.append(
            pl.when(shown > 0)
            .then(shown.cast(pl.String))
            .otherwise(stars.str.replace(r"\s*[星分]$", ""))
            .alias("rating")
        )
    if "timestamp" in events.columns:
        day = pl.col("timestamp").str.extract_groups(r"^\s*(\d{4})[-/年.](\d{1,2})[-/月.](\d{1,2})日?\s*(.*)$").struct
        date = pl.concat_str(day.field("1"), day.field("2").str.zfill(2), day.field("3").str.zfill(2), separator="-")
        clock = day.field("4").str.strip_chars()
        changes.append(
            pl.coalesce(
                pl.when(clock != "").then(pl.concat_str(date, clock.str.zfill(5), separator=" ")).otherwise(date),
                "timestamp",
            ).alias("timestamp")
        )
    return events.with_columns(changes)


def _first(columns: list[str], names: tuple[str, ...]) -> str | None:
    """The first column that has one of the names, case and blanks aside."""
    plain = {column.strip(' "\r\n').casefold().replace(" ", ""): column for column in reversed(columns)}
    return next((plain[name] for name in names if name in plain), None)

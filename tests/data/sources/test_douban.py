from pathlib import Path

import pytest

from penchant.data.read import read

EXPORT = """用户,电影,评分,短评,时间
甲,霸王别姬,力荐,"好看，
再看一遍",2019年3月7日
乙,霸王别姬,★★★,,2019/3/8 9:05
甲,活着,4星,一般般,2019-03-09 21:00:00
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_one_table_with_chinese_headers(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "douban.csv").write_bytes(EXPORT.encode(encoding))
    data = read(tmp_path / "douban.csv")
    assert data.events.select("user_id", "item_id", "kind", "value", "text", "timestamp").rows() == [
        ("甲", "霸王别姬", "review", 5.0, "好看，\n再看一遍", 1551916800),
        ("乙", "霸王别姬", "rate", 3.0, None, 1552035900),
        ("甲", "活着", "review", 4.0, "一般般", 1552165200),
    ]
    assert data.items.select("item_id", "title").rows() == [("霸王别姬", "霸王别姬"), ("活着", "活着")]
    assert data.notes[0] == f"{tmp_path / 'douban.csv'} is an export of Douban"


def test_works_with_an_id_keep_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("用户ID,电影ID,片名,评分\nu1,0071,活着,5\nu2,0071,活着,3\n", encoding="gb18030")
    data = read(tmp_path / "a.csv")
    assert data.events.select("user_id", "item_id", "value").rows() == [("u1", "0071", 5.0), ("u2", "0071", 3.0)]
    assert data.items.select("item_id", "title").rows() == [("0071", "活着")]


def test_other_tables_with_chinese_headers_are_read_plainly(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("用户,商品,评分\n甲,乙,5\n丙,丁,4\n", encoding="utf-8")
    assert "Douban" not in read(tmp_path / "a.csv").notes[0]


def test_a_crawl_without_the_scores_of_all(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text(
        "RATING_ID,USER_MD5,MOVIE_ID,RATING,RATING_TIME\n1,0ab,0026,5,2014-10-11 18:31:46\n"
    )
    (tmp_path / "comments.csv").write_text(
        "COMMENT_ID,USER_MD5,MOVIE_ID,CONTENT,VOTES,COMMENT_TIME,RATING\n7,0ac,0026,很好,12,2015-10-11 18:31:46,4\n"
    )
    (tmp_path / "movies.csv").write_text(
        "MOVIE_ID,NAME,ALIAS,DOUBAN_SCORE,DOUBAN_VOTES,GENRES,STORYLINE,TAGS,YEAR\n0026,活着,,9.3,1000,剧情/历史,故事,经典,1994\n"
    )
    data = read(tmp_path)
    assert data.events.select("user_id", "item_id", "kind", "value", "text").rows() == [
        ("0ab", "0026", "rate", 5.0, None),
        ("0ac", "0026", "review", 4.0, "很好"),
    ]
    assert data.items.select("title", "description").rows() == [("活着", "故事")]
    assert "9.3" not in data.items["attributes"][0]
    assert "items: 'DOUBAN_SCORE' is left out: it knows the future" in data.notes

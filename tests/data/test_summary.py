from penchant.data.quality import quality
from penchant.data.read import read
from penchant.data.summary import column_table, summary
from penchant.records.data import Data


def told(data: Data, leaks: list[dict[str, object]] | None = None) -> str:
    return summary({**quality(data), "leaks": leaks or [], "report": data.report})


def test_the_main_figures_are_lines() -> None:
    data = read(
        [
            {"user": "u", "item": "i", "stars": 4, "ts": 1},
            {"user": "v", "item": "i", "stars": 5, "ts": 2},
            {"user": None, "item": "i", "stars": 1, "ts": 3},
        ],
        items=[{"item": "i", "title": "R&amp;B"}],
    )
    lines = told(data).splitlines()
    assert "data              2 events, 2 users, 1 items" in lines
    assert "times             1 to 2 (an order, no clock)" in lines
    assert "rating scale      1 to 5" in lines
    assert "kinds             rate 2" in lines
    assert "rejected events   no user 1 (of 3 rows)" in lines
    assert "mended items      title: HTML entities 1" in lines
    assert "LEAK" not in told(data)


def test_allowed_leaks_are_said() -> None:
    data = read([{"user": "u", "item": "i"}])
    leak = {"rule": "'votes' of the items", "num_rows": 1200}
    assert "LEAK, allowed     'votes' of the items (1,200 rows)" in told(data, [leak])


def test_personal_data_is_told_of_where_there_is_some() -> None:
    data = read([{"user": "u", "item": "i"}])
    found = {"leaks": [], "report": data.report}
    for counts, line in (({"phone": 1200, "id_card": 3}, "phone 1,200, id_card 3 (replaced before"), ({}, None)):
        lines = summary({**quality(data, personal=lambda _, counts=counts: counts), **found}).splitlines()
        mine = [text for text in lines if text.startswith("personal data")]
        assert mine == [] if line is None else mine[0].startswith(f"personal data     {line}")


def test_labels_are_told_of_where_somebody_counted_them() -> None:
    data = read([{"user": "u", "item": "i"}])
    counted = {"next_item": {"labels": 1200, "lacks": ""}, "click": {"labels": 0, "lacks": "no impressions"}}
    lines = summary({**quality(data, labels=lambda _: counted), "leaks": [], "report": data.report}).splitlines()
    assert "labels            next_item 1,200" in lines
    assert "nothing to learn  click (no impressions)" in lines
    assert "nothing to learn" not in told(data)


def test_wide_characters_stay_in_line_and_nothing_is_markup() -> None:
    rows = [
        {
            "table": "events",
            "word": "user_id",
            "column": "用户ID",
            "reason": "its name",
            "samples": ["[red]x[/red]", "中" * 30],
        },
        {"table": "events", "word": "", "column": "x", "reason": "no word of ours", "samples": ["a\nb\x1b[31m"]},
    ]
    text = column_table(rows)
    assert "[red]x[/red] | 中中中中中中中中中中中…" in text
    assert "\x1b" not in text
    assert "a b [31m" in text

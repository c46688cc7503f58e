import json
from pathlib import Path

from penchant.data.read import read


def lines(*rows: dict[str, object]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_reviews_tips_and_businesses_without_their_averages(tmp_path: Path) -> None:
    start = "yelp_academic_dataset_"
    (tmp_path / f"{start}business.json").write_text(
        lines(
            {"business_id": "b-1", "name": "Bar", "city": "Tucson", "stars": 4.5, "review_count": 99, "is_open": 1,
             "attributes": {"WiFi": "u'free'"}, "categories": "Bars, Wine Bars"},
            {"business_id": "b-2", "name": "Nil", "city": "", "stars": 1, "review_count": 1, "is_open": 0,
             "attributes": None, "categories": None},
        )
    )  # fmt: skip
    (tmp_path / f"{start}review.json").write_text(
        lines({"review_id": "r", "user_id": "u_1", "business_id": "b-1", "stars": 2.0, "useful": 3, "funny": 0, "cool": 0,
               "text": "Loud.\nNot again.", "date": "2016-03-09 10:11:12"})
    )  # fmt: skip
    (tmp_path / f"{start}tip.json").write_text(
        lines(
            {
                "user_id": "u_2",
                "business_id": "b-2",
                "text": "Go early",
                "date": "2017-01-01 00:00:00",
                "compliment_count": 0,
            }
        )
    )
    (tmp_path / f"{start}user.json").write_text(lines({"user_id": "u_1", "name": "Somebody", "average_stars": 3.1}))
    data = read(tmp_path)
    assert data.events.select("user_id", "item_id", "kind", "value", "text", "timestamp").rows() == [
        ("u_1", "b-1", "review", 2.0, "Loud.\nNot again.", 1457518272),
        ("u_2", "b-2", "tip", None, "Go early", 1483228800),
    ]
    assert data.items.select("item_id", "title", "tags").rows() == [
        ("b-1", "Bar", ["Bars", "Wine Bars"]),
        ("b-2", "Nil", None),
    ]
    assert json.loads(data.items["attributes"][0]) == {"WiFi": "u'free'", "city": "Tucson"}
    for name in ("stars", "review_count", "is_open"):
        assert f"items: {name!r} is left out: it knows the future" in data.notes
    assert "Somebody" not in str(data.users.to_dicts())

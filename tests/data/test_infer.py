import pytest

from penchant.data.infer import check_chosen, infer_columns, plain
from penchant.data.synonyms import SYNONYMS
from penchant.records.errors import DataError
from penchant.records.words import EVENT_COLUMNS, ITEM_COLUMNS, USER_COLUMNS


@pytest.mark.parametrize(
    ("table", "found", "columns"),
    [
        (
            "events",
            ["reviewerID", "asin", "overall", "unixReviewTime", "reviewTime", "reviewText"],
            {
                "user_id": "reviewerID",
                "item_id": "asin",
                "timestamp": "unixReviewTime",
                "value": "overall",
                "text": "reviewText",
            },
        ),
        (
            "events",
            ["用户ID", "商品", "评分", "时间", "评论"],
            {"user_id": "用户ID", "item_id": "商品", "timestamp": "时间", "value": "评分", "text": "评论"},
        ),
        (
            "events",
            ["USER_ID", "Movie-Id", "seq", "Event Type"],
            {"user_id": "USER_ID", "item_id": "Movie-Id", "timestamp": "seq", "kind": "Event Type"},
        ),
        (
            "events",
            ["user_id:token", "item_id:token", "rating:float"],
            {"user_id": "user_id:token", "item_id": "item_id:token", "value": "rating:float"},
        ),
        (
            "items",
            ["movie_id", "movie_title", "genres", "overview"],
            {"item_id": "movie_id", "title": "movie_title", "description": "overview", "tags": "genres"},
        ),
        ("users", ["id", "bio", "age"], {"user_id": "id", "profile": "bio"}),
    ],
)
def test_names_in_the_wild(table: str, found: list[str], columns: dict[str, str]) -> None:
    assert infer_columns(found, table).columns == columns


def test_our_own_name_beats_a_synonym() -> None:
    mapped = infer_columns(["genres", "tags", "item_id", "id"], "items")
    assert mapped.columns == {"item_id": "item_id", "tags": "tags"}
    assert mapped.others == ("genres", "id")


def test_a_chosen_column_goes_before_names_and_frees_the_word_for_no_other() -> None:
    mapped = infer_columns(["user", "buyer", "item"], "events", {"user_id": "buyer"})
    assert mapped.columns == {"user_id": "buyer", "item_id": "item"}
    assert mapped.others == ("user",)
    assert mapped.notes == (
        "events: user_id is read from 'buyer'",
        "events: item_id is read from 'item'",
        "events: 'user' is not used",
    )


def test_rating_is_another_word_for_value() -> None:
    assert infer_columns(["user", "item", "x"], "events", {"rating": "x"}).columns["value"] == "x"


@pytest.mark.parametrize(
    ("column", "is_rating"), [("stars", True), ("value", True), ("hours", False), ("weight", False)]
)
def test_quantities_are_no_ratings(column: str, is_rating: bool) -> None:
    assert infer_columns(["user", "item", column], "events").value_is_rating is is_rating


def test_no_value_is_no_rating() -> None:
    assert not infer_columns(["user", "item"], "events").value_is_rating


def test_a_required_word_without_a_column() -> None:
    with pytest.raises(DataError, match=r"needs a column for 'item_id'.*uid, price.*columns=\{\"item_id\""):
        infer_columns(["uid", "price"], "events")


def test_an_unknown_word() -> None:
    with pytest.raises(DataError, match=r"'usr_id' is none\. Did you mean 'user_id'"):
        check_chosen({"usr_id": "uid"}, {"events": ["uid"]})


def test_an_absent_column() -> None:
    with pytest.raises(DataError, match=r"'uiid' for 'user_id'.*Did you mean 'uid'"):
        check_chosen({"user_id": "uiid"}, {"events": ["uid", "item"]})


def test_a_column_of_a_table_that_does_not_know_the_word() -> None:
    with pytest.raises(DataError, match="no table that has one"):
        check_chosen({"title": "uid"}, {"events": ["uid"], "items": ["item"]})


def test_one_choice_may_serve_several_tables() -> None:
    check_chosen({"user_id": "u", "title": "t"}, {"events": ["u", "i"], "items": ["i", "t"]})


def test_every_word_has_synonyms_and_no_name_stands_for_two_words_of_a_table() -> None:
    for table, words in (("events", EVENT_COLUMNS), ("items", ITEM_COLUMNS), ("users", USER_COLUMNS)):
        assert set(SYNONYMS[table]) == set(words)
        names = [name for names in SYNONYMS[table].values() for name in names]
        assert len(names) == len(set(names)), table
        assert all(plain(name) == name for name in names)
        assert all(plain(word) in SYNONYMS[table][word] for word in words)


@pytest.mark.parametrize(
    ("column", "hint"), [("ratng", '{"value": "ratng"}'), ("time_stmp", '{"timestamp": "time_stmp"}'), ("colour", None)]
)
def test_a_name_that_is_nearly_one_of_ours_gets_a_suggestion(column: str, hint: str | None) -> None:
    mapped = infer_columns(["user_id", "item_id", column], "events")
    assert column in mapped.others
    assert mapped.notes[-1].startswith(f"events: {column!r} is not used")
    assert (hint is not None) is ("is it" in mapped.notes[-1])
    assert hint is None or hint in mapped.notes[-1]


def test_a_ready_made_split_is_neither_a_word_nor_unused() -> None:
    mapped = infer_columns(["user_id", "item_id", "Split"], "events")
    assert mapped.split == "Split"
    assert mapped.others == ()
    assert mapped.notes == ("events: 'Split' is a ready-made split (--protocol column)",)
    assert infer_columns(["item_id", "split"], "items").split is None

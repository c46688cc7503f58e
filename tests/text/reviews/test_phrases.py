"""Names of things, found by where they stand."""

from penchant.text.reviews.phrases import names_of

ENGLISH = [
    "the battery is great",
    "my battery was very good",
    "the screen is really nice",
    "a screen that is good",
    "so good and very nice",
    "the battery life is good",
    "good battery life, nice screen",
]
CHINESE = ["房间很大", "房间太小", "早餐不好", "早餐很差", "服务态度好", "服务态度差"]


def test_english_names_are_told_from_qualities() -> None:
    names = names_of(ENGLISH, min_count=2)
    assert {"battery", "screen"} <= set(names)
    assert not {"good", "nice", "great", "the", "very"} & set(names)


def test_chinese_names_are_told_from_qualities() -> None:
    assert set(names_of(CHINESE, min_count=2)) == {"房间", "早餐", "服务态度"}


def test_counts_are_texts_not_mentions() -> None:
    assert names_of(["房间，房间，房间", "房间"], min_count=1)["房间"] == 2


def test_pairs_that_often_stand_together_are_names_too() -> None:
    texts = ["the battery life is short", "the life of the battery is long", "the battery life was fine"]
    assert names_of(texts, min_count=2)["battery life"] == 2


def test_rare_and_many_are_cut() -> None:
    assert set(names_of(CHINESE, min_count=3)) == set()
    assert len(names_of(CHINESE, min_count=2, most=1)) == 1
    assert names_of([]) == {}


def test_words_of_the_user_are_names_and_stay_whole() -> None:
    texts = ["骨传导耳机很好", "骨传导耳机不好"]
    assert "骨传导耳机" not in names_of(texts, min_count=2)
    assert names_of(texts, min_count=2, words=("骨传导耳机",)) == {"骨传导耳机": 2}

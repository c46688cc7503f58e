import numpy as np
import pytest

from penchant.text.encoders.hashing import HashingEncoder
from penchant.text.join import MOST_REVIEWS, Attention, Part, concat, item_parts, mean

VECTORS = {"east": [1.0, 0.0], "north": [0.0, 1.0], "north east": [0.6, 0.8], "west": [-1.0, 0.0]}


def read(texts: list[str]) -> np.ndarray:
    return np.array([VECTORS[text] for text in texts], np.float32).reshape(-1, 2)


def test_parts_are_those_that_are_there() -> None:
    row = {"title": "Toy Story", "attributes": '{"year": 1995}', "description": "Toys come\nalive.", "tags": []}
    assert item_parts(row, reviews=[" so  funny ", ""]) == [
        ("title", "Toy Story (1995)."),
        ("description", "Toys come alive."),
        ("review", "so funny"),
    ]
    assert item_parts({}) == [("title", "")]
    assert len(item_parts({"title": "x"}, reviews=["r"] * 99)) == 1 + MOST_REVIEWS


def test_concat_reads_one_text_an_item() -> None:
    assert concat([[("title", "north"), ("tags", "east")], [("title", "west")]], read).tolist() == [
        pytest.approx([0.6, 0.8]),
        [-1, 0],
    ]


def test_mean_gives_each_part_the_same_weight() -> None:
    """(1, 0) + (0, 1) + (0, 1) = (1, 2)."""
    (vector,) = mean([[("title", "east"), ("tags", "north"), ("review", "north")]], read)
    np.testing.assert_allclose(vector, np.array([1, 2]) / np.sqrt(5), atol=1e-6)


def test_attention_weighs_what_is_rare_in_its_field() -> None:
    """Reviews: three east and one north have their centre at (3, 1); north lies further from it than east."""
    reviews: list[list[Part]] = [[("review", "east"), ("review", "north")], [("review", "east")], [("review", "east")]]
    attention = Attention.fit(reviews, read, temperature=0.5)
    centre = np.array([3, 1]) / np.sqrt(10)
    np.testing.assert_allclose(attention.centres["review"], centre, atol=1e-6)
    weights = np.exp((1 - centre) / 0.5)  # cosines to east and north are the two numbers of the centre
    np.testing.assert_allclose(attention(reviews, read)[0], weights / np.linalg.norm(weights), atol=1e-6)
    assert attention(reviews, read)[0][1] > mean(reviews, read)[0][1] + 0.1


def test_the_temperature_decides_how_much() -> None:
    items: list[list[Part]] = [[("review", "east"), ("review", "north")], [("review", "east")]]
    mild, sharp = (Attention.fit(items, read, temperature=value)(items, read)[0] for value in (10.0, 0.01))
    np.testing.assert_allclose(mild, mean(items, read)[0], atol=0.05)
    np.testing.assert_allclose(sharp, [0, 1], atol=1e-6)


def test_a_new_item_is_joined_as_the_others_were() -> None:
    attention = Attention.fit([[("title", "east")], [("title", "north")]], read)
    new: list[list[Part]] = [[("title", "east"), ("unheard of", "north")]]
    assert attention(new, read).shape == (1, 2)
    assert Attention(centres=attention.centres)(new, read).tolist() == attention(new, read).tolist()


def test_each_way_gives_other_vectors_of_unit_length() -> None:
    encoder = HashingEncoder(64)
    items = [
        item_parts({"title": "hot soup", "tags": ["food"], "description": "A bowl of soup."}, ["great", "too salty"]),
        item_parts({"title": "jazz record", "tags": ["music"]}, ["great"]),
    ]
    joined = [concat(items, encoder.encode), mean(items, encoder.encode)]
    joined += [Attention.fit(items, encoder.encode)(items, encoder.encode)]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(joined[one] - joined[other]).max() > 1e-2
    for vectors in joined:
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("join", [concat, mean, Attention(centres={})])
def test_no_items(join: object) -> None:
    assert join([], read).shape == (0, 2)  # type: ignore[operator]

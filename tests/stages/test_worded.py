import pytest

from penchant.records.errors import ConfigError
from penchant.stages.worded import parse_word


def fill(shelf: str, height: float | None = None, *, boxes: int = 2, colour: str = "red") -> None: ...
def empty(shelf: str) -> None: ...


MAKERS = {"fill": fill, "empty": empty}


def test_options_are_of_the_kind_that_their_maker_says() -> None:
    name, options = parse_word("shelf", "fill:height=2,boxes=3,colour=blue", MAKERS)
    assert (name, options) == ("fill", {"height": 2.0, "boxes": 3, "colour": "blue"})
    assert isinstance(options["height"], float)
    assert parse_word("shelf", "empty", MAKERS) == ("empty", {})


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("fil", "Unknown shelf 'fil'. Did you mean 'fill'"),
        ("fill:hight=1", "has no option 'hight=1'. Did you mean 'height'"),
        ("fill:shelf=1", "has no option 'shelf=1'"),
        ("empty:height=1", "takes no options, found 'height=1'"),
        ("fill:boxes=1.5", "'boxes' in 'fill:boxes=1.5' is a whole number, found '1.5'"),
        ("fill:height=tall", "is a number, found 'tall'"),
        ("fill:height", "'height' in 'fill:height' lacks a value. Write height="),
        ("fill:height=", "lacks a value"),
        (5, "Unknown shelf '5'"),
        ("fill:boxes=1,boxes=2", "'boxes' stands twice"),
    ],
)
def test_mistakes_are_named(word: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        parse_word("shelf", word, MAKERS)

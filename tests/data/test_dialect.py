import pytest

from penchant.data.dialect import sniff, unique_names
from penchant.data.spread import MAX_COLUMNS
from penchant.records.errors import DataError


@pytest.mark.parametrize(
    ("head", "separator"),
    [
        ("user,item\na,b\n", ","),
        ("user;item;note\na;b;1,5\nc;d;2,5\n", ";"),
        ("user\titem\na\tb\n", "\t"),
        ("user|tags\na|x,y\nb|x\n", "|"),
        ('user,text\na,"one;two;three"\nb,"four;five"\n', ","),
        ("user\n1\n", ","),
    ],
)
def test_the_separator_by_which_rows_have_the_same_number_of_cells(head: str, separator: str) -> None:
    found = sniff(head, ",", "a.csv")
    assert found.separator == separator
    assert bool(found.notes) == (separator != ",")


def test_a_fixed_separator_is_not_looked_for() -> None:
    assert sniff("a,b,c\n1,2,3\n", "\t", "a.inter", fixed=True).names == ("a,b,c",)


@pytest.mark.parametrize(
    ("head", "header"),
    [
        ("user_id,item_id\n1,2\n", True),
        ("用户,商品\n1,2\n", True),
        ("who,what\n1,2\n", True),
        ("0,1,2\na,b,c\n", True),
        (",0,1\n0,b,c\n", True),
        ("1,2,5\n3,4,5\n", False),
        ("u1,i1,2019-03-01\nu2,i2,2019-03-02\n", False),
        ("user,item,2019\n1,2,3\n", True),
    ],
)
def test_a_first_row_of_data_is_no_header(head: str, header: bool) -> None:
    found = sniff(head, ",", "a.csv")
    assert found.header == header
    assert found.skip == header
    if not header:
        assert found.names == ("column_1", "column_2", "column_3")
        assert "holds data and no names" in found.notes[-1]


def test_blank_lines_before_the_header_are_skipped() -> None:
    found = sniff("\n\nuser,item\n1,2\n", ",", "a.csv")
    assert (found.skip, found.names) == (3, ("user", "item"))


@pytest.mark.parametrize(
    ("names", "unique"),
    [
        (["a", "b"], ("a", "b")),
        (["a", "a", "a"], ("a", "a_2", "a_3")),
        (["a", "a_2", "a"], ("a", "a_2", "a_3")),
        (["", " ", "x"], ("column_1", "column_2", "x")),
        (["column_2", ""], ("column_2", "column_3")),
    ],
)
def test_names_become_unique_and_the_first_keeps_its_own(names: list[str], unique: tuple[str, ...]) -> None:
    found, notes = unique_names(names)
    assert found == unique
    assert len(notes) == sum(old != new for old, new in zip(names, found, strict=True))


def test_what_is_no_table() -> None:
    for head in ("", "\n \n".replace(" ", "")):
        with pytest.raises(DataError, match=r"a\.csv is empty\. Give a file with a header row"):
            sniff(head, ",", "a.csv")
    with pytest.raises(DataError, match=rf"{MAX_COLUMNS + 1:,} columns, and at most {MAX_COLUMNS:,}.*turn it"):
        sniff("x," * MAX_COLUMNS + "x", ",", "a.csv")

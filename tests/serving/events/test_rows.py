import pytest

from penchant.records.errors import ArtifactError
from penchant.serving.events.log import Logged
from penchant.serving.events.rows import Row, checked, draft


def row(sequence: int, previous: int, event: str = '{"user_id":"u"}') -> Row:
    return Row("shop", sequence, 0, None, "u", event, 7, 0).linked(previous)


ROWS = [row(2, 0), row(5, 2), row(6, 5)]


def test_equal_contents_are_equal_texts() -> None:
    one, other = {"user_id": "用户", "value": 1.5, "text": None}, {"text": None, "value": 1.5, "user_id": "用户"}
    assert draft(one, "k") == draft(other, "k") == ("k", "用户", '{"text":null,"user_id":"用户","value":1.5}')
    assert draft({"kind": "search"}, None).user_id is None


def test_whole_rows_pass_from_any_place() -> None:
    told = [Logged(sequence=n, tenant="shop", event={"user_id": "u"}, received_at=7) for n in (2, 5, 6)]
    assert list(checked(ROWS, 0, 6)) == told
    assert list(checked(ROWS[1:], 2, None)) == list(checked(ROWS[1:], 4, 6)) == told[1:]
    assert list(checked([], 6, 6)) == list(checked([], 9, 6)) == list(checked([], 0, 0)) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"tenant": "other"}, {"sequence": 4}, {"previous": 1}, {"key": "k"}, {"user_id": None}, {"user_id": "v"},
        {"event": '{"user_id":"w"}'}, {"received_at": 8}, {"checksum": 1},
    ],
)  # fmt: skip
def test_a_changed_column_is_seen(changed: dict[str, object]) -> None:
    rows = [ROWS[0], ROWS[1]._replace(**changed), ROWS[2]]
    with pytest.raises(ArtifactError, match=r"Record \d of the event log does not match its checksum"):
        list(checked(rows, 0, 6))


@pytest.mark.parametrize(("missing", "rule"), [(0, "before number 5"), (1, "before number 6"), (2, "ends at record 5")])
def test_a_missing_row_is_seen(missing: int, rule: str) -> None:
    with pytest.raises(ArtifactError, match=rule):
        list(checked(ROWS[:missing] + ROWS[missing + 1 :], 0, 6))
    with pytest.raises(ArtifactError, match="ends at record 0 instead of 6"):
        list(checked([], 0, 6))

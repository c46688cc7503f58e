from penchant.records.errors import ConflictError
from penchant.serving.events.plan import Append, plan
from penchant.serving.events.rows import Draft


def append(tenant: str, *pairs: tuple[str | None, str]) -> Append:
    return Append(tenant=tenant, drafts=[Draft(key, None, event) for key, event in pairs], received_at=0)


def test_numbers_go_on_across_tenants_and_links_within_one() -> None:
    planned = plan([append("a", (None, "1")), append("b", (None, "2")), append("a", (None, "3"))], 10, {"a": 7}, {})
    assert planned.outcomes == [[11], [12], [13]]
    assert [(row.tenant, row.sequence, row.previous) for row in planned.rows] == [
        ("a", 11, 7),
        ("b", 12, 0),
        ("a", 13, 11),
    ]
    assert (planned.heads, planned.last) == ({"a": 13, "b": 12}, 13)


def test_a_conflict_takes_no_number_and_stops_no_other() -> None:
    group = [append("a", (None, "1"), ("old", "x")), append("a", ("old", "o"), ("k", "2")), append("b", ("old", "x"))]
    planned = plan(group, 4, {"a": 4}, {("a", "old"): (3, "o")})
    assert isinstance(planned.outcomes[0], ConflictError)
    assert planned.outcomes[1:] == [[3, 5], [6]]
    assert [(row.sequence, row.previous, row.event) for row in planned.rows] == [(5, 4, "2"), (6, 0, "x")]


def test_a_key_of_one_append_is_known_to_the_next_of_its_group() -> None:
    planned = plan([append("a", ("k", "1")), append("a", ("k", "1")), append("a", ("k", "2"))], 0, {}, {})
    assert planned.outcomes[:2] == [[1], [1]]
    assert isinstance(planned.outcomes[2], ConflictError)
    assert len(planned.rows) == 1


def test_a_key_of_a_refused_append_is_free() -> None:
    group = [append("a", ("new", "1"), ("old", "x")), append("a", ("new", "2"))]
    planned = plan(group, 1, {"a": 1}, {("a", "old"): (1, "o")})
    assert planned.outcomes[1] == [2]


def test_nothing_new_moves_nothing() -> None:
    planned = plan([append("a", ("k", "1")), append("b")], 9, {"a": 9}, {("a", "k"): (9, "1")})
    assert (planned.rows, planned.heads, planned.last, planned.outcomes) == ([], {}, 9, [[9], []])

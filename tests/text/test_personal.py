import re

import pytest

from penchant.text.personal import RULES, is_bank_card, is_id_card, is_ipv4, is_ipv6, is_national, is_no_order


def match(text: str, part: str | None = None) -> re.Match[str]:
    """A match of the last `part` of the text, or of all of it."""
    found = re.search(re.escape(part if part is not None else text) + "$", text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("11010519491231002X", True),  # the example of GB 11643-1999
        ("110105 19491231 002x", True),
        ("110105194912310020", False),  # the checksum is X
        ("99010519491231002X", False),  # no province 99
        ("11010519491331002X", False),  # no month 13
    ],
)
def test_id_cards(number: str, good: bool) -> None:
    assert is_id_card(match(number)) is good


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("4111111111111111", True),  # test numbers that the issuers publish
        ("5555-5555-5555-4444", True),
        ("378282246310005", True),
        ("6011111111111117", True),
        ("3530111333300000", True),
        ("4111111111111112", False),  # Luhn
        ("1234567890123452", False),  # Luhn is right, no issuer
        ("0000000000000000", False),
    ],
)
def test_bank_cards(number: str, good: bool) -> None:
    assert is_bank_card(match(number)) is good


@pytest.mark.parametrize(
    ("text", "address", "good"),
    [
        ("from 192.168.0.1", "192.168.0.1", True),
        ("256.1.1.1", "256.1.1.1", False),
        ("version 10.0.19.45", "10.0.19.45", False),
        ("固件版本：10.0.19.45", "10.0.19.45", False),
        ("1.2.3.4", "1.2.3.4", False),
    ],
)
def test_ipv4(text: str, address: str, good: bool) -> None:
    assert is_ipv4(match(text, address)) is good


@pytest.mark.parametrize(
    ("address", "good"), [("2001:db8::8a2e:370:7334", True), ("12:30:45", False), ("dead::beef", False), ("::1", False)]
)
def test_ipv6(address: str, good: bool) -> None:
    assert is_ipv6(match(address)) is good


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("020 7946 0958", True),  # London
        ("06 12 34 56 78", True),  # a French mobile
        ("090-1234-5678", True),  # a Japanese mobile
        ("0-306-40615-2", False),  # an ISBN
        ("01.02.2020", False),
        ("000 000 000", False),
    ],
)
def test_national_numbers(number: str, good: bool) -> None:
    assert is_national(match(number)) is good


def test_numbers_of_orders() -> None:
    assert is_no_order(match("call 13812345678", "13812345678"))
    assert not is_no_order(match("快递单号：13812345678", "13812345678"))


def test_every_rule_finds_something_of_its_own() -> None:
    """A rule that no text needs would be dead weight: without it, one of these stays unseen."""
    texts = [
        "https://ann:pw@host/x", "a?token=x1", "a?uid=7", "li@qq.com", "weibo.com/u/7", "tiktok.com/@ann", "github.com/ann",
        "10.1.2.3", "2001:db8::8a2e:370:7334", "11010519491231002X", "4111111111111111", "3782 822463 10005",
        "622202 0212345678909", "13812345678", "+44 20 7946 0958", "01062345678", "4008208820",
        "415-555-2671", "06 12 34 56 78", "电话62345678",
    ]  # fmt: skip
    for rule in RULES:
        others = [other for other in RULES if other is not rule]
        assert any(list(rule.spans(text)) and not any(list(other.spans(text)) for other in others) for text in texts), (
            rule
        )

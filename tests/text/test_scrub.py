import random
import time
from collections import Counter
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, example_number, format_number

from penchant.text.personal import ID_CHECKS, ID_WEIGHTS
from penchant.text.scrub import PLACEHOLDERS, SUSPICIOUS, find, scrub, scrub_text

Make = Callable[[random.Random], str]


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def luhn(body: str) -> str:
    """The number with the check digit that ISO/IEC 7812 wants."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def make_mail(rng: random.Random) -> str:
    name = rng.choice(["li.wei", "anna_k", "j.doe+shop", "zhang2008", "x-man", "13800138000", "INFO"])
    host = rng.choice(["qq.com", "163.com", "gmail.com", "mail.co.uk", "sina.com.cn", "uni-bonn.de", "GMAIL.COM"])
    return name + rng.choice(["@", "@", "@", "＠", " [at] ", "(at)"]) + host


def make_mobile(rng: random.Random) -> str:
    start, middle, end = rng.choice(["130", "138", "159", "177", "186", "199"]), digits(rng, 4), digits(rng, 4)
    gap = rng.choice(["", "", " ", "-"])
    return rng.choice(["", "", "+86", "+86 ", "86-", "0086 ", "(+86)"]) + gap.join((start, middle, end))


def make_landline(rng: random.Random) -> str:
    area = rng.choice(["010", "021", "0755", "0571", "028", "0311"])
    number = rng.choice("2345678") + digits(rng, 7)
    shape = rng.choice(["{}-{}", "({}){}", "{} {}", "{}{}", "({}) {}", "{}-{}转801", "+86 {}-{}"])
    return shape.format(area, number)


REGIONS = (
    "US",
    "GB",
    "DE",
    "FR",
    "IT",
    "ES",
    "JP",
    "KR",
    "IN",
    "BR",
    "AU",
    "CA",
    "RU",
    "TW",
    "HK",
    "SG",
    "NL",
    "SE",
    "PL",
    "MX",
)


def make_foreign(rng: random.Random) -> str:
    number = example_number(rng.choice(REGIONS))
    text = format_number(number, rng.choice([PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL]))
    return rng.choice([text, text, text.replace("-", "."), text.replace("+", "00")])


def make_american(rng: random.Random) -> str:
    return rng.choice(["({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "1-{}-{}-{}"]).format(
        "415", "5" + digits(rng, 2), digits(rng, 4)
    )


def make_id_card(rng: random.Random) -> str:
    region = rng.choice(["110101", "310115", "440305", "510104", "320582"])
    body = f"{region}{rng.randint(1940, 2015)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{digits(rng, 3)}"
    check = ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(body, ID_WEIGHTS, strict=True)) % 11]
    number = body + rng.choice([check, check.lower()])
    return rng.choice([number, number, f"{number[:6]} {number[6:14]} {number[14:]}"])


def make_bank_card(rng: random.Random) -> str:
    start, length = rng.choice(
        [("6222", 19), ("6217", 19), ("6225", 16), ("4367", 16), ("4", 16), ("53", 16), ("955880", 19)]
    )
    number = luhn(start + digits(rng, length - len(start) - 1))
    gap = rng.choice(["", " ", "-"])
    return gap.join(number[i : i + 4] for i in range(0, length, 4))


def make_ip(rng: random.Random) -> str:
    first = (
        f"{rng.choice([10, 47, 66, 113, 192, 203])}.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"
    )
    return rng.choice(
        [first, first, "2001:0db8:85a3:0000:0000:8a2e:0370:7334", f"fe80::1ff:fe23:4567:{digits(rng, 3)}a"]
    )


NAMES = ("lily_wang", "tom1988", "5820194837", "%E5%BC%A0feng", "a.b-c")
USER_URLS = (
    "https://weibo.com/u/{}",
    "https://twitter.com/{}",
    "http://www.douban.com/people/{}/",
    "https://{}@git.shop.cn/x",
    "https://www.zhihu.com/people/{}/answers",
    "https://www.tiktok.com/@{}",
    "https://shop.com/order?uid={}&page=2",
    "steamcommunity.com/id/{}",
    "https://example.org/users/{}/reviews",
    "t.me/{}",
)
TOKEN_URLS = (
    "https://api.shop.com/v1/items?token={}",
    "https://shop.cn/cb#access_token={}&state=1",
    "http://x.org/reset?id=7&sig={}",
    "https://pay.cn/p?api_key={}",
    "https://shop.com/login?session_id={}",
)


def make_price(rng: random.Random) -> str:
    price = f"{rng.randint(1, 99999)}.{digits(rng, 2)}"
    return rng.choice(
        [f"¥{price}", f"${price}", f"{rng.randint(1, 10**6)}元", f"{rng.randint(1, 999):,},000 USD", f"RMB {price}"]
    )


def make_isbn(rng: random.Random) -> str:
    body = digits(rng, 9)
    check = (11 - sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11) % 11
    return rng.choice(
        [
            f"978-7-{digits(rng, 3)}-{digits(rng, 5)}-{digits(rng, 1)}",
            f"978{digits(rng, 10)}",
            body + "0123456789X"[check],
        ]
    )


DECOYS: dict[str, Make] = {
    "price": make_price,
    "year": lambda rng: rng.choice(
        ["1999", "2023年", "2008-2012", "1995/96", "12/31/2019", "2024-05-31 18:00:05", "20240531"]
    ),
    "isbn": make_isbn,
    "version": lambda rng: rng.choice(
        ["v1.2.3.4", "version 10.0.19041.1", "3.11.4", "版本 7.1.20.3", "iOS 17.5.1", "1.0.0.1"]
    ),
    "model": lambda rng: rng.choice(
        ["SM-G9980", "RTX 4090", "WH-1000XM5", "i7-13700K", "EAN 4006381333931", "Boeing 747-400"]
    ),
    "score": lambda rng: rng.choice(
        ["9.5/10", "3:2", "21-19 21-17", "100%", "4.5 stars", "98分", "110 108 97 121 103"]
    ),
    "order": lambda rng: (
        rng.choice(["订单号 ", "order no. ", "快递单号："])
        + rng.choice(["7", "8", "1"])
        + digits(rng, rng.choice([9, 10, 14]))
    ),
    "count": lambda rng: f"{rng.randint(1, 10**7)} {rng.choice(['views', '次播放', 'km', '人'])}",
    "clock": lambda rng: rng.choice(["12:30:45", "18:00-22:00", "1700000000", "1700000000123", "00:05:59"]),
    "code": lambda rng: rng.choice(
        ["std::vector", "a::b::c2", "1920x1080", "@property", "x@y", "and/or", "[at] home", "1+1=2"]
    ),
    "url": lambda rng: rng.choice(
        ["https://shop.com/item/123456789", "www.qq.com", "https://x.org/?page=2&sort=price", "http://a.cn/p/8.html"]
    ),
}
MAKERS: dict[str, list[Make]] = {
    "mail": [make_mail],
    "phone": [
        make_mobile,
        make_mobile,
        make_landline,
        make_foreign,
        make_american,
        lambda rng: "400-820-" + digits(rng, 4),
    ],
    "id_card": [make_id_card],
    "bank_card": [make_bank_card],
    "ip": [make_ip],
    "url_user": [lambda rng: rng.choice(NAMES)],
    "url_token": [lambda rng: rng.choice(["eyJhbGciOi.eyJzdWIi.x-y_z", "a1b2c3d4e5f6", "A%2Fz9", "0f" * 16])],
}
FRAMES = (
    "请联系{}谢谢，东西只要{}。",
    "老板的是{}，我买的是{}，不错",
    "Contact {} please, I paid {} for it.",
    "reach me: {}; rated {}!",
    "{} 是他留的，{} 很值",
    "质量差，{}，{}再也不买了",
    "My friend wrote ({}) about {}",
    "见{}\n{}",
)


def labelled(seed: int, count: int) -> list[tuple[str, list[tuple[str, int, int]]]]:
    """Made-up Chinese and English texts with the kind and the place of what is personal; a fifth has nothing personal."""
    rng = random.Random(seed)
    rows = []
    for number in range(count):
        decoy = rng.choice(list(DECOYS.values()))(rng)
        kind = rng.choice(list(MAKERS)) if number % 5 else ""
        secret = rng.choice(MAKERS[kind])(rng) if kind else rng.choice(list(DECOYS.values()))(rng)
        url = {"url_user": USER_URLS, "url_token": TOKEN_URLS}.get(kind, ("{}",))
        before, after = rng.choice(url).split("{}")
        text = rng.choice(FRAMES).format(before + "\0" + after, decoy)
        start = text.index("\0")
        truth = [(kind, start, start + len(secret))] if kind else []
        rows.append((text.replace("\0", secret), truth))
    return rows


def test_what_is_personal_is_found_and_the_rest_stays() -> None:
    """Recall >= .95 and precision >= .90 on 2,000 made-up texts, where only the exact place and kind count.

    The rules were written with texts of this maker (another seed) in view, so this shows that they do what they say; how
    people write is another matter.
    """
    right, missed, wrong = Counter[str](), Counter[str](), Counter[str]()
    for text, truth in labelled(seed=3, count=2000):
        found = {(finding.kind, finding.start, finding.end) for finding in find(text)}
        for counter, spans in ((right, found & set(truth)), (missed, set(truth) - found), (wrong, found - set(truth))):
            counter.update(kind for kind, _, _ in spans)
    for kind in PLACEHOLDERS:
        recall = right[kind] / (right[kind] + missed[kind])
        precision = right[kind] / (right[kind] + wrong[kind])
        print(f"{kind:10} {right[kind] + missed[kind]:4} recall {recall:.3f} precision {precision:.3f}")
        assert recall >= 0.95
        assert precision >= 0.9


@pytest.mark.parametrize("decoy", list(DECOYS))
def test_what_looks_like_it_stays(decoy: str) -> None:
    rng = random.Random(1)
    texts = [frame.format(DECOYS[decoy](rng), "x") for frame in FRAMES for _ in range(50)]
    assert [text for text in texts if scrub_text(text) != text] == []


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("加我13812345678聊", "加我[phone]聊"),
        ("+86 138 1234 5678", "[phone]"),
        ("138-1234-5678或010-62345678", "[phone]或[phone]"),
        ("电话：62345678", "电话：[phone]"),
        ("call me at 555 0199 22", "call me at [phone]"),
        ("（021）5888 8888", "[phone]"),
        ("phone 14 256 512", "phone 14 256 512"),
        ("kernel 5.15.0.91", "kernel 5.15.0.91"),
        ("订单号：19513967161", "订单号：19513967161"),
        ("身份证11010519491231002x。", "身份证[id card]。"),
        ("11010519491231002", "11010519491231002"),
        ("1101051949123100211", "1101051949123100211"),
        ("卡号6222 0212 3456 7890 129", "卡号6222 0212 3456 7890 129"),  # a wrong last digit
        ("http://10.0.0.7/admin", "http://[ip]/admin"),
        ("a.com[at]a.com138[at]weibo.com/", "[mail][mail]/"),  # the second is seen when the first is gone
        (
            "ftp://bob:pw@files.cn/a?user_id=7&token=x&page=2",
            "ftp://[user]@files.cn/a?user_id=[user]&token=[token]&page=2",
        ),
        ("mail li@qq.com, 2 items", "mail [mail], 2 items"),
        ("fun @ home, price@5", "fun @ home, price@5"),
        ("", ""),
    ],
)
def test_examples(text: str, clean: str) -> None:
    assert scrub_text(text) == clean


def test_a_column_and_its_counts() -> None:
    texts = pl.Series("user_id", ["li@qq.com 13812345678", "fine", None, "li@qq.com 13812345678"])
    clean, counts = scrub(texts)
    assert clean.to_list() == ["[mail] [phone]", "fine", None, "[mail] [phone]"]
    assert counts == {"mail": 2, "phone": 2}
    assert clean.name == "user_id"
    assert scrub(texts.head(0))[1] == {}


def test_twice_is_once_and_the_quick_look_misses_nothing() -> None:
    rows = labelled(seed=2, count=1000)
    texts = pl.Series("text", [text for text, _ in rows])
    clean, counts = scrub(texts)
    assert clean.to_list() == [scrub_text(text) for text in texts]
    assert scrub(clean)[0].to_list() == clean.to_list()
    assert sum(counts.values()) >= 780
    assert all(pl.Series([text]).str.contains(SUSPICIOUS).all() for text in texts if find(text))


@given(st.text(st.sampled_from("0123456789 +-().:/@#?=&axfu1元第.comhttp\n") | st.characters(), max_size=60))
@settings(deadline=None)  # the first example loads dictionaries
def test_any_text(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    once = scrub_text(text)
    assert scrub_text(once) == once
    assert scrub(pl.Series("text", [text]))[0].to_list() == [once]


@pytest.mark.parametrize(
    "piece", ["a", "1", "1 ", "a.", "a@", "://a", "http://a/", "a/", "?a=", "0-", ":", "+", "a-b.", "手机", "1.1."]
)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    scrub_text(text)
    assert time.process_time() - started < 3

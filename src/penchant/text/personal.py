"""The rules by which personal data is told from other numbers and words: a form, and a check where the form is not enough.

Legend of the sources: ID cards GB 11643-1999 (checksum ISO 7064 MOD 11-2), cards ISO/IEC 7812 (Luhn) with the issuers'
prefixes, phones by the numbering plans that Google's libphonenumber knows.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

Check = Callable[[re.Match[str]], bool]

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
PROVINCES = frozenset(
    (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83)
)
CARDS = re.compile(
    r"4\d{15}(?:\d{3})?"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|62\d{14,17}|(?:6011|64[4-9]\d|65\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}"  # UnionPay, Discover, JCB
    r"|3(?:0[0-5]|[68]\d)\d{11}"  # Diners
    r"|9558\d{15}"  # cards of ICBC from before UnionPay
)
TRUNK_REGIONS = ("GB", "FR", "DE", "IT", "JP", "KR", "AU", "TW", "NL", "ID")
"""Countries whose own numbers begin with 0."""
VERSION_BEFORE = re.compile(
    r"(?i)(?:(?<![a-z])(?:v|ver|version|build|release|firmware|patch|update|driver|kernel|section|chapter|chrome|firefox|windows|android|ios|app)"
    r"|版本号?|固件|系统|驱动|更新至?|升级到?)[\s:：.]{0,3}$"
)
ORDER_BEFORE = re.compile(
    r"(?i)(?:单号|订单|运单|编号|序列号|条码|(?<![a-z])(?:order|tracking|serial|invoice|sku|ref)(?: (?:no|number|id))?)"
    r"[\s:：.#是为]{0,4}$"
)
ALONE = r"(?<![0-9A-Za-z_])(?<!\d[.-])(?<![￥¥$€£])"
"""Not inside a longer number or word, and no price."""
ENDS = r"(?![0-9A-Za-z_])(?![.:-]\d)(?! ?(?:元|块|万|亿|人|次|个|dollars|usd|rmb))"

URL_PART = r"[^\s/?#&<>\"'，。；、！？）】》\[\u4e00-\u9fff]{1,200}(?<![.,;:!)])"
URL = r"(?:(?:https?|ftp)://|www\.|(?<![a-z0-9.-])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|cn|net|org|me|io|tv|co|uk|de|jp)/)"
FOLDERS = rf"{URL}(?:{URL_PART}/){{0,8}}?"
KEY_NAME = (
    r"(?:access_?|id_?|refresh_?|auth_?|csrf_?|api_?)?"
    r"(?:token|key|secret|sig|signature|session(?:_?id)?|sid|jwt|password|passwd|pwd|auth|ticket)"
)
USER_KEY = r"(?:user(?:_?name|_?id)?|uid|u_?id|member(?:_?id)?|login|account|openid|nickname)"
USER_FOLDER = r"(?:u|users?|people|person|profiles?|members?|accounts?)"
USER_HOST = (
    r"(?<![a-z0-9])(?:(?:twitter|x|instagram|facebook|weibo|github|tiktok|vk|space\.bilibili)\.com|t\.me|twitch\.tv"
    r"|steamcommunity\.com/(?:id|profiles)|linkedin\.com/in)"
)
NO_USER = (
    r"(?:p|s|i|u|users?|people|id|in|status|share|search|explore|hashtag|groups|pages|help|about|watch|events|profiles)"
)

MAIL_AT = r"(?:[@＠]|\s?[\[(]at[\])]\s?)"
MAIL_DOT = r"(?:\.|\s?[\[(]dot[\])]\s?)"

COUNTRY_86 = r"(?:(?:[(（](?:\+|00)?86[)）]|(?:\+|00)?86)[ -]?)?"
MOBILE = r"(?:1[3-9]\d(?:[ .-]?\d{4}){2}|1[3-9]\d{2}[ -]\d{3}[ -]\d{4}|1[3-9]\d[ -]\d{3}[ -]\d{5})"
LANDLINE = (
    r"(?:(?:0(?:10|2\d)|[(（]0(?:10|2\d)[)）])[ -]?[2-8]\d{3}"
    r"|(?:0[3-9]\d\d|[(（]0[3-9]\d\d[)）])[ -]?[2-8]\d{2,3})[ -]?\d{4}"
)
EXTENSION = r"(?: ?(?:-|转|ext\.?) ?\d{1,6})?"
PHONE_WORD = (
    r"(?:(?<![a-z])(?:tel|telephone|phone|call|mobile|cell|cellphone|whatsapp|fax|ring|text)\b(?: (?:number|no|me|us|at|on|is))*"
    r"|电话|手机号?码?|座机|热线|致电|来电|拨打|联系方式)"
)


@dataclass(frozen=True)
class Rule:
    """Matches of `pattern` that pass `check`; if the pattern has a group named `it`, only that is personal."""

    kind: str
    pattern: re.Pattern[str]
    check: Check = bool  # a match is true: the form is enough

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it is found, as start and end."""
        group = "it" if "it" in self.pattern.groupindex else 0
        return (match.span(group) for match in self.pattern.finditer(text) if self.check(match))


def is_id_card(match: re.Match[str]) -> bool:
    """A Chinese ID card number: province, a date of birth that exists, checksum.

    >>> [is_id_card(re.search(".+", number)) for number in ("11010519491231002X", "110105194912310021")]
    [True, False]
    """
    number = re.sub(r"[ -]", "", match.group()).upper()
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, ID_WEIGHTS, strict=False))
    return int(number[:2]) in PROVINCES and 1900 <= born.year <= 2100 and ID_CHECKS[total % 11] == number[17]


def is_bank_card(match: re.Match[str]) -> bool:
    """A number of an issuer's length and prefix with a right last digit.

    >>> [
    ...     is_bank_card(re.search(".+", number))
    ...     for number in ("4111 1111 1111 1111", "4111 1111 1111 1112", "79927398713")
    ... ]
    [True, False, False]
    """
    number = re.sub(r"[ -]", "", match.group())
    if not CARDS.fullmatch(number) or len(set(number)) < 2:
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def is_no_order(match: re.Match[str]) -> bool:
    """A phone number's form is enough, unless the words before call it the number of an order or a parcel."""
    return not ORDER_BEFORE.search(match.string[max(0, match.start() - 24) : match.start()])


def is_ipv4(match: re.Match[str]) -> bool:
    """An address, unless it reads like a version: a word for it stands before, or all four parts have one digit."""
    parts = match.group().split(".")
    before = match.string[max(0, match.start() - 16) : match.start()]
    return all(int(part) < 256 for part in parts) and max(map(len, parts)) > 1 and not VERSION_BEFORE.search(before)


def is_ipv6(match: re.Match[str]) -> bool:
    """An address with a digit and three groups at least: `std::cout` and 12:30:45 are none."""
    text = match.group()
    if len(re.findall("[0-9a-f]+", text, re.IGNORECASE)) < 3 or not re.search(r"\d", text):
        return False
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def is_international(match: re.Match[str]) -> bool:
    """A number with + or 00 that its country could give out."""
    return _is_valid("+" + re.sub(r"\D", "", match.group()).removeprefix("00"), None)


def is_national(match: re.Match[str]) -> bool:
    """A number with a leading 0 that one of TRUNK_REGIONS could give out, and that is neither a date nor an ISBN."""
    text = match.group()
    digits = re.sub(r"\D", "", text)
    if not 9 <= len(digits) <= 11 or re.match(r"\d\d[./-]\d\d[./-](?:19|20)\d\d", text) or _is_isbn(digits):
        return False
    return any(_is_valid(digits, region) for region in TRUNK_REGIONS)


def _is_isbn(digits: str) -> bool:
    weighted = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 0, -1), strict=False))
    return len(digits) == 10 and weighted % 11 == 0


def _is_valid(number: str, region: str | None) -> bool:
    from phonenumbers import NumberParseException, is_valid_number, parse

    try:
        return bool(is_valid_number(parse(number, region)))
    except NumberParseException:
        return False


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


RULES = (
    Rule("url_user", _pattern(r"(?<=://)(?P<it>[^/\s@\[]{1,200})(?=@)")),
    Rule("url_token", _pattern(rf"[?&#;]{KEY_NAME}=(?P<it>{URL_PART})")),
    Rule("url_user", _pattern(rf"[?&#;]{USER_KEY}=(?P<it>{URL_PART})")),
    Rule(
        "mail",
        _pattern(
            rf"(?<![a-z0-9._%+-])[a-z0-9._%+-]{{1,64}}+{MAIL_AT}(?:[a-z0-9-]{{1,63}}{MAIL_DOT}){{1,4}}[a-z]{{2,12}}"
        ),
    ),
    Rule("url_user", _pattern(rf"{FOLDERS}{USER_FOLDER}/(?P<it>{URL_PART})")),
    Rule("url_user", _pattern(rf"{FOLDERS}@(?P<it>{URL_PART})")),
    Rule("url_user", _pattern(rf"{USER_HOST}/(?P<it>(?!@|{NO_USER}(?![^\s/?#])){URL_PART})")),
    Rule("ip", _pattern(r"(?<![0-9a-z_.])(?:\d{1,3}\.){3}\d{1,3}(?![0-9a-z_])(?!\.\d)"), is_ipv4),
    Rule("ip", _pattern(r"(?<![0-9a-z_:.])[0-9a-f:]{5,39}(?![0-9a-z_:])"), is_ipv6),
    Rule("id_card", _pattern(rf"{ALONE}[1-9]\d{{5}}[ -]?(?:19|20)\d{{6}}[ -]?\d{{3}}[\dx]{ENDS}"), is_id_card),
    Rule("bank_card", _pattern(rf"{ALONE}\d{{4}}(?:[ -]?\d{{4}}){{2,3}}[ -]?\d{{1,4}}{ENDS}"), is_bank_card),
    Rule("bank_card", _pattern(rf"{ALONE}3\d{{3}}[ -]\d{{6}}[ -]\d{{4,5}}{ENDS}"), is_bank_card),
    Rule("bank_card", _pattern(rf"{ALONE}\d{{6}}[ -]\d{{10,13}}{ENDS}"), is_bank_card),
    Rule("phone", _pattern(rf"{ALONE}{COUNTRY_86}{MOBILE}(?!\d){ENDS}"), is_no_order),
    Rule("phone", _pattern(rf"{ALONE}(?:\+|00)\d{{1,3}}(?:[ ./()-]{{0,2}}\d){{6,13}}{ENDS}"), is_international),
    Rule(
        "phone",
        _pattern(rf"{ALONE}{COUNTRY_86}{LANDLINE}{EXTENSION}{ENDS}"),
    ),
    Rule("phone", _pattern(rf"{ALONE}[48]00[ -]?\d{{3}}[ -]?\d{{4}}{ENDS}"), is_no_order),
    Rule("phone", _pattern(rf"{ALONE}(?:\+?1[ .-]?)?(?:\([2-9]\d\d\) ?|[2-9]\d\d[.-])[2-9]\d\d[ .-]\d{{4}}{ENDS}")),
    Rule("phone", _pattern(rf"{ALONE}\(?0\d{{1,4}}\)?(?:[ .-]\d{{2,8}}){{1,4}}{ENDS}"), is_national),
    Rule(
        "phone",
        _pattern(rf"{PHONE_WORD}[\s:：是为.]{{0,3}}(?P<it>\(?(?=[\d ()-]*\d{{4}})\d(?:[ ()-]{{0,2}}\d){{6,11}}){ENDS}"),
    ),
)
"""In order: what an earlier rule has found, a later one leaves alone."""

"""Personal data out of text before any model reads it: mail, phone, ID card, bank card, IP, user parts and tokens of URLs.

Knows forms and checksums, no names and no addresses of people. Prices, years, ISBNs, versions, models and scores stay. What
is found is replaced by a placeholder; nothing remembers what stood there. The rules are in `personal.py`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from penchant.text.personal import RULES

PLACEHOLDERS = {
    "mail": "[mail]",
    "phone": "[phone]",
    "id_card": "[id card]",
    "bank_card": "[bank card]",
    "ip": "[ip]",
    "url_user": "[user]",
    "url_token": "[token]",
}
SUSPICIOUS = r"(?i)[@＠]|\[at\]|\(at\)|[a-z]/|[?&#;][a-z_-]+=|\d(?:[^\d\pL]{0,3}\d){6}|\d\.\d{1,3}\.\d|:[0-9a-f]{0,4}:"
"""What every finding has in it; the many texts without it are not looked at twice."""

ROUNDS = 9
"""A placeholder may part what ran together, so that more is found: until nothing is, and never for long."""


@dataclass(frozen=True)
class Finding:
    """Personal data of a kind in PLACEHOLDERS, at text[start:end]."""

    kind: str
    start: int
    end: int


def scrub(texts: pl.Series) -> tuple[pl.Series, dict[str, int]]:
    """The column with placeholders, and how much of each kind was found. Null stays null; other texts stay as they are.

    >>> column, counts = scrub(pl.Series("text", ["Call +44 20 7946 0958", "只要99元", None, "联系 li@qq.com"]))
    >>> column.to_list(), counts
    (['Call [phone]', '只要99元', None, '联系 [mail]'], {'mail': 1, 'phone': 1})
    """
    counts: Counter[str] = Counter()
    suspects = texts.alias("text").filter(texts.str.contains(SUSPICIOUS)).value_counts(name="times")
    clean = []
    for text, times in suspects.iter_rows():
        scrubbed, kinds = _scrubbed(text)
        clean.append(scrubbed)
        for kind in kinds:
            counts[kind] += times
    told = {kind: counts[kind] for kind in PLACEHOLDERS if counts[kind]}
    return texts.replace(suspects["text"], pl.Series(clean, dtype=pl.String)), told


def scrub_text(text: str) -> str:
    """One text with placeholders; doing it twice changes nothing more.

    >>> scrub_text("https://ann:pw@shop.com/u/4711?token=a1b2 from 10.1.2.3, ISBN 978-7-111-54742-6, v2.4.1.0")
    'https://[user]@shop.com/u/[user]?token=[token] from [ip], ISBN 978-7-111-54742-6, v2.4.1.0'
    """
    return _scrubbed(text)[0]


def _scrubbed(text: str) -> tuple[str, list[str]]:
    """The text with placeholders, and the kinds of what was found."""
    kinds = []
    for _ in range(ROUNDS):
        findings = find(text)
        if not findings:
            break
        kinds += [finding.kind for finding in findings]
        text = replace(text, findings)
    return text, kinds


def find(text: str) -> list[Finding]:
    """All personal data of a text in its order, without overlaps: an earlier rule wins."""
    taken = bytearray(len(text))
    found = []
    for rule in RULES:
        for start, end in rule.spans(text):
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found.append(Finding(rule.kind, start, end))
    return sorted(found, key=lambda finding: finding.start)


def replace(text: str, findings: list[Finding]) -> str:
    """The text with a placeholder for each finding; findings are in order and do not overlap."""

    def parts() -> Iterator[str]:
        done = 0
        for finding in findings:
            yield text[done : finding.start]
            yield PLACEHOLDERS[finding.kind]
            done = finding.end
        yield text[done:]

    return "".join(parts())

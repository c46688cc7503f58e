"""Bytes of a text file -> UTF-8, whatever they were written in. Knows nothing of rows and cells.

UTF-8 where every byte fits it; else a byte order mark; else GB18030 where it gives common Chinese characters; else the
choice of charset-normalizer. Bytes that don't fit the choice become U+FFFD, so that the rows with them can be named.
"""

import codecs
import io
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from penchant.records.errors import DataError

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LATIN = ("cp1252", "cp1250", "cp1254")
LEGACY = [*LATIN, "cp1251", "cp1253", "shift_jis", "euc_kr", "big5"]
"""What is looked for beside GB18030. All of charset-normalizer's would be more often wrong than right on short texts."""
WESTERN = "àáâãäåæçèéêëìíîïñòóôõöøœùúûüýÿßÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØŒÙÚÛÜÝ€£§©®°·«»“”‘’–—…™¡¿½¼²\xa0"
CHUNK = 1 << 20
EVIDENCE = 1 << 18
"""Bytes of lines with letters beyond ASCII that a guess is made from."""
NON_ASCII_LINE = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
HAN_FROM, HANGUL_TO = b"\xb0\xa1", b"\xc9"
"""In GB 2312: its first Han letter, and the row after the last one that is hangul in EUC-KR."""
WIDE = ("utf-16-le", "utf-16-be")
STOP_SECONDS, LEAVE_SECONDS = 0.5, 0.02
"""At most for the thread to see the end, and for leaving Python then."""
LOST = "\ufffd"


@dataclass(frozen=True)
class Encoding:
    """`codec`: Python's name. `sound`: every byte of the file fits it; otherwise rows with U+FFFD are damaged."""

    codec: str
    sound: bool

    @property
    def note(self) -> str | None:
        """What to tell, None for sound UTF-8."""
        shown = self.codec.removesuffix("-sig").upper().replace("_", "-")
        if not self.sound:
            return f"read as {shown}, which some bytes do not fit"
        return None if shown == "UTF-8" else f"read as {shown}"


def detect(opened: Callable[[], BinaryIO], name: str) -> Encoding:
    """The encoding of a text, for which all of it is read. Raises DataError for what is no text.

    >>> detect(lambda: io.BytesIO("用户,商品".encode("gbk")), "a.csv").codec
    'gb18030'
    """
    with opened() as stream:
        head = stream.read(CHUNK)
    first = _by_first_bytes(head) or "utf-8"
    if _fits(opened, first):
        return Encoding(first, sound=True)
    if first == "utf-8" and b"\0" in head:
        wide = next((codec for codec in WIDE if _reads(head, codec) and _fits(opened, codec)), None)
        if wide:
            return Encoding(wide, sound=True)
        raise DataError(f"{name} is no text: it holds NUL bytes and is neither UTF-8 nor UTF-16. Export it as UTF-8.")
    codec = first if first != "utf-8" else _guess(_evidence(opened))
    return Encoding(codec, sound=codec != "utf-8" and _fits(opened, codec))


def utf8(stream: BinaryIO, encoding: Encoding, end: bytes = b"") -> "Utf8":
    """The same text in UTF-8 without a byte order mark, followed by `end`."""
    return Utf8(stream, encoding, end)


class Utf8(io.RawIOBase):
    """A stream of UTF-8. `last` is the last byte of the text itself, once it has been read.

    Arrow reads ahead in a thread of its own. Where that is still in here when Python ends, the process aborts: so a `with`
    that is left early, by an error, ends the text and waits until the thread has seen its end.
    """

    def __init__(self, stream: BinaryIO, encoding: Encoding, end: bytes) -> None:
        self.reading, self.stopped, self.done = threading.Lock(), False, threading.Event()
        self.stream, self.rest, self.end, self.last = stream, b"", end, b""
        plain = encoding.sound and encoding.codec == "utf-8"
        self.decoder = None if plain else codecs.getincrementaldecoder(encoding.codec)("replace")

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.stream.close()
        super().close()

    def __exit__(self, *exception: object) -> None:
        with self.reading:
            self.stopped = True
        if not self.done.wait(STOP_SECONDS) or exception[0]:
            time.sleep(LEAVE_SECONDS)
        self.close()

    def readinto(self, buffer: Any) -> int:
        with self.reading:
            count = 0 if self.stopped else self._read(buffer)
        if not count:
            self.done.set()
        return count

    def _read(self, buffer: Any) -> int:
        while not self.rest:
            piece = self.stream.read(CHUNK)
            self.rest = self._converted(piece)
            self.last = self.rest[-1:] or self.last
            if not piece:
                self.rest, self.end = self.rest + self.end, b""
                break
        taken, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def _converted(self, piece: bytes) -> bytes:
        return piece if self.decoder is None else self.decoder.decode(piece, not piece).encode()


def _by_first_bytes(head: bytes) -> str | None:
    marked = next((codec for bom, codec in BOMS if head.startswith(bom)), None)
    if marked or len(head) < 4:
        return marked
    # The first letters of a header are ASCII: without a mark, NULs on every second place tell UTF-16.
    even, odd = head[0:8:2], head[1:8:2]
    if not any(odd) and all(even):
        return "utf-16-le"
    return "utf-16-be" if not any(even) and all(odd) else None


def _reads(head: bytes, codec: str) -> bool:
    """Whether a head without a mark has a first line of several cells, and no NULs, in this UTF-16."""
    text = head.decode(codec, "replace")
    first, end, _ = text.partition("\n")
    return bool(end) and any(mark in first for mark in ",;\t|") and "\0" not in text and text.count(LOST) <= 1


def _fits(opened: Callable[[], BinaryIO], codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        with opened() as stream:
            while piece := stream.read(CHUNK):
                decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _evidence(opened: Callable[[], BinaryIO]) -> bytes:
    """Lines with bytes beyond ASCII."""
    found: list[bytes] = []
    with opened() as stream:
        while sum(map(len, found)) < EVIDENCE and (piece := stream.read(CHUNK)):
            whole = piece + stream.readline(CHUNK)
            found.extend(NON_ASCII_LINE.findall(whole)[: EVIDENCE // 16])
    return b"\n".join(found)[:EVIDENCE]


def _guess(evidence: bytes) -> str:
    """The encoding of text that is not all UTF-8."""
    if _mostly_utf8(evidence):
        return "utf-8"
    if _is_chinese(evidence):
        return "gb18030"
    from charset_normalizer import from_bytes

    best = from_bytes(evidence, cp_isolation=LEGACY).best()
    codec = "cp1252" if best is None else best.encoding
    if codec in LATIN and set(WESTERN).issuperset(x for x in evidence.decode("cp1252", "replace") if not x.isascii()):
        codec = "cp1252"
    # The two differ where Latin-1 has control characters, which no text has.
    return "latin-1" if codec == "cp1252" and not re.search(rb"[\x80-\x9f]", evidence) else codec


def _mostly_utf8(evidence: bytes) -> bool:
    """Whether at least as many letters are good UTF-8 as are not, which no other encoding gives by chance."""
    text = evidence.decode("utf-8", "replace")
    bad = text.count(LOST)
    good = sum(not letter.isascii() for letter in text) - bad
    return good >= bad or _has_half_letters(evidence)


def _has_half_letters(evidence: bytes) -> bool:
    """Whether all is UTF-8 but for lone surrogates, which some programs write."""
    try:
        evidence.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _is_chinese(evidence: bytes) -> bool:
    """Whether GB18030 gives Han letters, most of them those of GB 2312, as real Chinese text is; pairs by chance are not.

    Not where all of many Han letters are from the first third: those are EUC-KR's hangul.
    """
    text = evidence.decode("gb18030", "replace")
    strange = [letter for letter in text if not letter.isascii()]
    common = [code for letter in strange if (code := letter.encode("gb2312", "ignore"))]
    han = [code for code in common if code >= HAN_FROM]
    korean = len(han) >= 8 and max(han) < HANGUL_TO
    return bool(han) and not korean and len(common) >= len(strange) / 2 and text.count(LOST) <= len(text) / 100


def as_stream(stream: Utf8) -> BinaryIO:
    """For libraries that ask for a buffered stream."""
    return cast(BinaryIO, io.BufferedReader(stream, CHUNK))

"""One thing that was looked at, what was found, and what mends it."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "note", "bad"]
"""`note`: works, but could be better; `bad`: will not work."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`remedy` is empty where there is nothing to mend."""

    area: Literal["environment", "assets", "data", "configuration"]
    subject: str
    status: Status
    found: str
    remedy: str = ""

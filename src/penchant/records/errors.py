"""Every error that Penchant raises for a user's mistake or a damaged file.

A message names the rule, the value that was found and the way out. `penchant` prints it without a traceback.
"""

import difflib
from collections.abc import Iterable


class PenchantError(Exception):
    """Base of all errors meant for a user's eyes."""


class DataError(PenchantError):
    """A table cannot be used as it is: columns, types, values."""


class ConfigError(PenchantError):
    """An option, or a combination of options, that makes no sense."""


class AssetError(PenchantError):
    """A model or a data set cannot be had, or is not the one that was named."""


class ArtifactError(PenchantError):
    """A saved folder is missing, damaged or of another version."""


class LeakError(PenchantError):
    """Something would be scored on events that it was fitted on."""


class SupportError(PenchantError):
    """A log cannot answer for a policy: too little of it is what that policy would do."""


class ConflictError(PenchantError):
    """An idempotency key was used before, for something else (HTTP 409)."""


class LockedError(PenchantError):
    """Another process has this folder open."""


class QueueFullError(PenchantError):
    """More waits to be written than may wait (HTTP 429)."""

    retry_after = 1  # seconds


class StoreUnavailableError(PenchantError):
    """A store cannot be reached or written just now; it may be later (HTTP 503)."""

    retry_after = 2  # seconds


class StoreFullError(StoreUnavailableError):
    """No room is left on the disk (HTTP 507)."""

    retry_after = 30  # seconds


class RefusedError(PenchantError):
    """A server refused, or did not answer. `status`: of HTTP, 0 without an answer; `kind`: the server's word for it.

    >>> str(RefusedError(404, "NotFound", "No such item."))
    'No such item. (404 NotFound)'
    """

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(f"{message} ({status} {kind})")
        self.status = status
        self.kind = kind


class MissingExtraError(PenchantError):
    """An optional library is needed.

    >>> str(MissingExtraError.of("fastapi", "serve"))
    "This needs `fastapi`, which is not installed. Install it: pip install 'penchant[serve]'"
    """

    @classmethod
    def of(cls, library: str, extra: str) -> "MissingExtraError":
        return cls(f"This needs `{library}`, which is not installed. Install it: pip install 'penchant[{extra}]'")


def suggestion(word: str, known: Iterable[str]) -> str:
    """The end of an error message: the nearest known word, or all of them.

    >>> suggestion("usr_id", ["user_id", "item_id"])
    "Did you mean 'user_id'? Known: item_id, user_id."
    >>> suggestion("zzz", ["user_id", "item_id"])
    'Known: item_id, user_id.'
    """
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return f"{hint}Known: {', '.join(words)}."

"""Requests that are sent again: after a cut connection, or when the server says later. Knows HTTP, and no route."""

import random
import time
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import quote

from penchant.records.errors import MissingExtraError, RefusedError

LATER = frozenset({429, 503, 504, 507})
"""Answers after which the same request may do better."""
FIRST_WAIT = 0.1  # seconds; it doubles
LONGEST_WAIT = 30.0  # seconds; a server that wants more is not waited for


class Sender:
    """Talks to one server. url: where it is; key: `pn_...`, or None while it has no keys; timeout: seconds for one attempt;
    retries: further attempts, 0 or more. transport: of httpx2, for tests and for proxies.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        key: str | None = None,
        *,
        timeout: float = 10.0,
        retries: int = 4,
        transport: Any = None,
    ) -> None:
        try:
            import httpx2
        except ImportError as error:
            raise MissingExtraError.of("httpx2", "serve") from error
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._http = httpx2.Client(base_url=url, headers=headers, timeout=timeout, transport=transport)
        self._broken: type[Exception] = httpx2.TransportError
        self._retries = retries

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the connections."""
        self._http.close()

    def send(
        self,
        method: str,
        path: str,
        *ids: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        twice: bool = True,
    ) -> Any:
        """The answer's JSON, or its text. `{}` in the path stand for the ids, whatever letters they hold.

        twice: whether it does no harm if the server gets the same request again; else only an answer of "later" is tried again.
        Raises: RefusedError for a failure, RefusedError with the status 0 if there was no answer at all.
        """
        # An id that is two dots would be taken for a step up.
        url = path.format(*(quote(each, safe="").replace(".", "%2E") for each in ids))
        given = {name: value for name, value in (query or {}).items() if value is not None}
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            try:
                answer = self._http.request(method, url, json=body, params=given)
            except self._broken as error:
                if last or not twice:
                    raise RefusedError(0, type(error).__name__, f"No answer from {self._http.base_url}.") from error
                time.sleep(_pause(attempt))
                continue
            wait = _pause(attempt, answer.headers.get("retry-after"))
            if last or answer.status_code not in LATER or wait > LONGEST_WAIT:
                return _read(answer)
            time.sleep(wait)
        raise AssertionError("The last attempt returns or raises.")


def _pause(attempt: int, asked: str | None = None) -> float:
    """Seconds: what the server asked for, at least; else they double, with chance in them, so that clients spread out."""
    own = FIRST_WAIT * 2**attempt * (0.5 + random.random())  # noqa: S311  # no secret depends on it
    return max(own, float(asked)) if asked and asked.isdigit() else own


def _read(answer: Any) -> Any:
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    if answer.is_success:
        return answer.json() if is_json else answer.text
    error = answer.json().get("error", {}) if is_json else {}
    message = error.get("message") or "The server gave no reason. Is it Penchant's?"
    raise RefusedError(answer.status_code, error.get("type", "Unknown"), message)

"""Any embeddings endpoint that speaks the protocol of OpenAI: a vendor's, or vLLM, Ollama, LM Studio on one's own.

It knows HTTP and the protocol. Texts leave the machine here, and only here: scrub personal data before.
"""

import json
import os
import random
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from functools import cached_property
from http.client import HTTPException, HTTPMessage
from ipaddress import ip_address
from typing import IO, Any
from urllib.parse import urlsplit

import numpy as np

from penchant.records.errors import AssetError, ConfigError
from penchant.text.encoders.texts import clean, unit_length

DEFAULT_KEY_VARIABLE = "OPENAI_API_KEY"
PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Answers after which the same request may well succeed."""
MAX_ANSWER_BYTES = 256 << 20
MAX_WAIT_SECONDS = 60.0


class EndpointEncoder:
    """Vectors from `POST {url}/embeddings`, brought to unit length.

    `url`: such as "https://api.openai.com/v1"; http is for this machine and private networks only. The key, if the
    endpoint needs one, is read from the environment variable `key_variable` at each request, and never kept, printed
    or sent anywhere else: redirects are not followed. `dimension`: None asks the endpoint with the first text.
    `batch`: texts a request. `timeout`: seconds without an answer after which a request has failed. `attempts`: a
    request that fails in passing is repeated, after 1, 2, 4 ... times `wait` seconds or as the endpoint asks.
    `prompt`: stands before each text. `max_chars`: longer texts are cut off there.

    Raises ConfigError for a URL that is none of these; `encode` raises AssetError where no usable answer comes.
    """

    def __init__(
        self,
        url: str,
        model: str,
        dimension: int | None = None,
        prompt: str = "",
        max_chars: int = 4000,
        key_variable: str = DEFAULT_KEY_VARIABLE,
        batch: int = 128,
        timeout: float = 60.0,
        attempts: int = 5,
        wait: float = 1.0,
    ) -> None:
        self.url = _checked(url)
        self.model = model
        self.prompt = prompt
        self._asked_dimension = dimension
        self._max_chars = max_chars
        self._key_variable = key_variable
        self._batch = batch
        self._timeout = timeout
        self._attempts = attempts
        self._wait = wait
        parts = [
            urlsplit(self.url).netloc,
            model,
            str(dimension or "full"),
            str(max_chars),
            *([prompt] if prompt else []),
        ]
        self.model_id = "openai-" + "-".join(parts)

    @cached_property
    def dimension(self) -> int:
        """Of the vectors; asks the endpoint if it was not given."""
        return self._asked_dimension or len(self._request(["dimension"])[0])

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of unit length, float32 (n, dimension)."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        cut = [text[: self._max_chars] or " " for text in clean(texts, self.prompt)]  # endpoints refuse an empty text
        for start in range(0, len(cut), self._batch):
            rows = self._request(cut[start : start + self._batch])
            if any(len(row) != self.dimension for row in rows):
                found = sorted({len(row) for row in rows})
                raise AssetError(f"{self.url} gave vectors of {found} numbers, not {self.dimension}. Check the model.")
            vectors[start : start + len(rows)] = rows
        if not np.isfinite(vectors).all():
            raise AssetError(f"{self.url} gave vectors with numbers that are not finite. Check the model.")
        return unit_length(vectors)

    def _request(self, texts: Sequence[str]) -> list[list[float]]:
        """The vector of each text, with as many attempts as it takes."""
        asked: dict[str, Any] = {"model": self.model, "input": list(texts), "encoding_format": "float"}
        if self._asked_dimension is not None:
            asked["dimensions"] = self._asked_dimension
        for attempt in range(1, self._attempts + 1):
            try:
                return _vectors(self._post(json.dumps(asked).encode()), len(texts))
            except urllib.error.HTTPError as error:
                reason, asked_wait = f"HTTP {error.code} {_said(error)}", error.headers.get("Retry-After")
                if error.code not in PASSING or attempt == self._attempts:
                    raise self._failed(reason, attempt) from None
            except (OSError, HTTPException) as error:
                reason, asked_wait = f"{type(error).__name__}: {error}", None
                if attempt == self._attempts:
                    raise self._failed(reason, attempt) from None
            except ValueError as error:
                raise self._failed(f"the answer is not of the protocol ({error})", attempt) from None
            time.sleep(self._pause(attempt, asked_wait))
        raise self._failed("no attempt was allowed", 0)

    def _post(self, body: bytes) -> bytes:
        key = os.environ.get(self._key_variable, "")
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        request = urllib.request.Request(f"{self.url}/embeddings", body, headers)  # noqa: S310 - the scheme was checked
        with OPENER.open(request, timeout=self._timeout) as answer:
            content: bytes = answer.read(MAX_ANSWER_BYTES + 1)
        if len(content) > MAX_ANSWER_BYTES:
            raise ValueError(f"longer than {MAX_ANSWER_BYTES:,} bytes")
        return content

    def _pause(self, attempt: int, asked: str | None) -> float:
        """Seconds: what the endpoint asks for, else twice as long each time, so spread that clients do not march in step."""
        own = self._wait * 2 ** (attempt - 1) * random.uniform(0.5, 1)  # noqa: S311 - no secret
        return min(float(asked) if asked and asked.isdecimal() else own, MAX_WAIT_SECONDS)

    def _failed(self, reason: str, attempts: int) -> AssetError:
        return AssetError(
            f"{self.url} gave no embeddings of {self.model!r} after {attempts} attempts: {self._hidden(reason)}. "
            f"Check the URL, the model and the key in ${self._key_variable}."
        )

    def _hidden(self, reason: str) -> str:
        """Some endpoints repeat the key in their answer."""
        key = os.environ.get(self._key_variable, "")
        return reason.replace(key, "***") if key else reason


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to another host."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


OPENER = urllib.request.build_opener(_NoRedirects)


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise ConfigError(f"An endpoint is http(s)://host/path without a name or key in it, found {_bare(url)!r}.")
    if parts.scheme == "http" and not _is_near(parts.hostname):
        raise ConfigError(f"{_bare(url)!r} would send texts and key unencrypted over the network. Use https.")
    return url.rstrip("/")


def _is_near(host: str) -> bool:
    """This machine, or a private address."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost" or "." not in host


def _bare(url: str) -> str:
    return url.rsplit("@", 1)[-1]


def _said(error: urllib.error.HTTPError) -> str:
    """The beginning of what the endpoint answered, on one line."""
    try:
        return " ".join(error.read(500).decode("utf-8", "replace").split())
    except (OSError, HTTPException):
        return ""


def _vectors(content: bytes, count: int) -> list[list[float]]:
    """In the order of the texts. Raises ValueError for what is not of the protocol."""
    answer: Any = json.loads(content)
    try:
        rows = {int(row["index"]): [float(value) for value in row["embedding"]] for row in answer["data"]}
        return [rows[position] for position in range(count)]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error

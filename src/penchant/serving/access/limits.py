"""How much one request, one caller and all of them together may ask of the server. Settings only; layers keep to them."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from penchant.records.errors import ConfigError, suggestion


class Limits(BaseModel):
    """One settings object for every limit.

    >>> Limits().body_bytes == 2**20, Limits(requests_per_minute=60).requests_per_minute
    (True, 60)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    body_bytes: Annotated[int, Field(ge=1)] = 1 << 20
    """Of a body, however it comes."""
    json_depth: Annotated[int, Field(ge=1, le=200)] = 20
    """Lists and objects within each other."""
    head_bytes: Annotated[int, Field(ge=1024)] = 1 << 16
    """Of the request line and the headers together."""
    num_headers: Annotated[int, Field(ge=8)] = 64
    """Of one request."""
    head_seconds: Annotated[float, Field(gt=0)] = 10
    """From the first moment that a request's head is waited for to its end; the connection is closed then."""
    body_seconds: Annotated[float, Field(gt=0)] = 5
    """From head to end of body; then 408."""
    answer_seconds: Annotated[float, Field(gt=0)] = 10
    """From head to the beginning of the answer, the body included; then 504."""
    at_once: Annotated[int, Field(ge=1)] = 64
    """Requests being answered at the same time; further ones are told 503."""
    requests_per_minute: Annotated[int, Field(ge=1)] = 6000
    """Of one key; then 429. So many at once, and then as they are regained, one each 60 s / so many."""
    refused_per_minute: Annotated[int, Field(ge=1)] = 60
    """Attempts without a good key, of one address; then 429, and no more lines in the audit log."""

    @classmethod
    def of(cls, pairs: Iterable[str]) -> "Limits":
        """The usual limits, but for those named as `name=number`.

        Raises: ConfigError for an unknown name, or a number out of range.

        >>> Limits.of(["json_depth=5"]).json_depth
        5
        """
        given = {name: value for name, _, value in (pair.partition("=") for pair in pairs)}
        for name in given:
            if name not in cls.model_fields:
                raise ConfigError(f"No limit is called {name!r}. {suggestion(name, cls.model_fields)}")
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            first = error.errors()[0]
            raise ConfigError(f"The limit {first['loc'][0]} is {first['input']!r}: {first['msg']}.") from error

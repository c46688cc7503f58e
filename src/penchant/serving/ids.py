"""Ids in the path of a request: any characters, as shops have them, slashes and line ends too (sent as %2F and %0A).

Routes write `{user_id:id}`. What some of them go on with is no end of an id: taking away `u1/interests` takes nobody away.
"""

from typing import Annotated

from fastapi import Path
from starlette.convertors import StringConvertor, register_url_convertor


class IdConvertor(StringConvertor):
    """At least one character; the rest of the path, or up to what the route goes on with."""

    regex = r"(?s:[^/]+|.+/(?!(?:interests|similar)\Z)[^/]*)"


register_url_convertor("id", IdConvertor())

PersonId = Annotated[str, Path(min_length=1, max_length=1024)]
ItemId = Annotated[str, Path(min_length=1, max_length=1024)]

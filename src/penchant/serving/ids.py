"""Ids in the path of a request: any characters, as shops have them, slashes and line ends too (sent as %2F and %0A).

Routes write `{user_id:id}`. Of routes that go on after an id the longer one is looked at first.
"""

from typing import Annotated

from fastapi import Path
from starlette.convertors import StringConvertor, register_url_convertor


class IdConvertor(StringConvertor):
    """At least one character; the rest of the path, or up to what the route goes on with."""

    regex = "(?s:.+)"


register_url_convertor("id", IdConvertor())

PersonId = Annotated[str, Path(min_length=1, max_length=1024)]
ItemId = Annotated[str, Path(min_length=1, max_length=1024)]

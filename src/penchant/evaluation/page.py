"""Pages of a report from templates: one self-contained file each, without a script or a request. Knows no figure."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any


def render(template: str, **values: Any) -> str:
    """A page from a template of this room; everything that it is given is escaped."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    loader = FunctionLoader(lambda name: files("penchant.evaluation").joinpath(name).read_text("utf-8"))
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(decimal=decimal, interval=interval, signed_interval=signed_interval)
    return environment.get_template(template).render(**values)


def decimal(value: float | None, digits: int = 4) -> str:
    """A number with thousands, or a dash.

    >>> decimal(1234.56789), decimal(None)
    ('1,234.5679', '-')
    """
    return "-" if value is None else f"{value:,.{digits}f}"


def interval(record: Mapping[str, Any]) -> str:
    """`low` and `high` of a record, or a dash.

    >>> interval({"low": 0.25, "high": 0.5}), interval({"low": None, "high": None})
    ('[0.2500, 0.5000]', '-')
    """
    return "-" if record["low"] is None else f"[{record['low']:.4f}, {record['high']:.4f}]"


def signed_interval(record: Mapping[str, Any]) -> str:
    """The same with signs, of a difference.

    >>> signed_interval({"low": -0.25, "high": 0.5})
    '[-0.2500, +0.5000]'
    """
    return f"[{record['low']:+.4f}, {record['high']:+.4f}]"

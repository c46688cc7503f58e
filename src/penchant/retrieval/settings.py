"""The ranges that settings of sources may lie in, and the errors when they do not."""

from penchant.records.errors import ConfigError


def check_share(name: str, value: float) -> None:
    """Raises ConfigError unless 0 < value <= 1.

    >>> check_share("decay", 1.5)
    Traceback (most recent call last):
    ...
    penchant.records.errors.ConfigError: decay must be above 0 and at most 1, found 1.5. Choose such a number.
    """
    if not 0 < value <= 1:
        raise ConfigError(f"{name} must be above 0 and at most 1, found {value}. Choose such a number.")


def check_count(name: str, value: float) -> None:
    """Raises ConfigError unless value is a whole number of at least 1."""
    if not (value >= 1 and float(value).is_integer()):
        raise ConfigError(f"{name} must be a whole number of at least 1, found {value}. Choose such a number.")


def check_weight(name: str, value: float) -> None:
    """Raises ConfigError unless 0 <= value < infinity."""
    if not 0 <= value < float("inf"):
        raise ConfigError(f"{name} must be 0 or more and finite, found {value}. Choose such a number.")


def check_positive(name: str, value: float) -> None:
    """Raises ConfigError unless 0 < value < infinity."""
    if not 0 < value < float("inf"):
        raise ConfigError(f"{name} must be above 0 and finite, found {value}. Choose such a number.")

"""How much one request may ask for."""

MAX_BODY_BYTES = 1 << 20
MAX_BODY_SECONDS = 10.0
"""A client that has not sent its whole body by then is refused."""

MAX_TEXT = 1 << 16
"""Characters of any one string."""

MAX_ID = 512
"""Characters of an id or of a kind of event."""

MAX_EVENTS = 1_000
MAX_ITEMS = 1_000
MAX_CANDIDATES = 10_000
MAX_TAGS = 100
MAX_K = 1_000
MAX_HISTORY = 1_000
MAX_PEOPLE_FOUND = 100

LAST_TIMESTAMP = 253_402_300_799
"""The last second of the year 9999: larger numbers are milliseconds that somebody took for seconds."""

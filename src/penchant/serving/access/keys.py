"""API keys: 256 random bits each, of which only the SHA-256 is kept, in `access/keys.json` of the run folder.

Beside `state/`, not in it: that folder is replaced as a whole when a model is saved. Knows nothing of HTTP.
"""

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from enum import IntEnum
from pathlib import Path

from penchant.records.artifacts import read_json
from penchant.records.errors import ArtifactError, ConfigError, suggestion
from penchant.serving.access.private import FOLDER, alone, replace_file

TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
SECRET_BYTES = 32
KEY = re.compile(rf"pn_({TENANT.pattern})_[0-9a-f]{{{2 * SECRET_BYTES}}}")
"""What a key looks like: it says whose it is, so that a leaked one is found by a scanner and revoked."""


class Scope(IntEnum):
    """What a key is good for; each includes those before it."""

    READ = 1
    WRITE = 2
    ADMIN = 3

    @classmethod
    def of(cls, word: str) -> "Scope":
        """The scope of that name.

        Raises: ConfigError for another word.

        >>> Scope.of("write")
        <Scope.WRITE: 2>
        """
        known = {scope.name.lower(): scope for scope in cls}
        if word not in known:
            raise ConfigError(f"A key has one of three scopes, found {word!r}. {suggestion(word, known)}")
        return known[word]


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """What is kept of a key. Times are seconds since 1970."""

    key_id: str
    tenant: str
    scope: Scope
    digest: str = field(repr=False)
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None

    def holds(self, now: float) -> bool:
        """Neither revoked nor past its time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Keys:
    """The keys of a run folder. What another process changes is seen at once: a key revoked there is refused here."""

    def __init__(self, run: str | Path) -> None:
        self.path = Path(run) / FOLDER / "keys.json"
        self._stamp: tuple[int, int] | None = None
        self._known: list[Key] = []
        self._indexed: list[Key] | None = None
        self._by_digest: dict[str, Key] = {}

    def create(
        self, scope: Scope = Scope.READ, *, tenant: str = "default", seconds: int | None = None
    ) -> tuple[str, Key]:
        """A new key, which is told only here, and its record; it holds for so many seconds, or until it is revoked.

        Raises: ConfigError for a tenant that a key cannot name, or for no time at all.
        """
        if not TENANT.fullmatch(tenant):
            raise ConfigError(
                f"A tenant is named by 1 to 32 of a-z, 0-9 and -, beginning without -; found {tenant!r}. Name another."
            )
        if seconds is not None and seconds < 1:
            raise ConfigError(
                f"A key holds for at least a second, found {seconds}. Leave it out for one without an end."
            )
        key, now = f"pn_{tenant}_{secrets.token_hex(SECRET_BYTES)}", int(time.time())
        record = Key(
            key_id=secrets.token_hex(6),
            tenant=tenant,
            scope=scope,
            digest=_digest(key),
            created_at=now,
            expires_at=None if seconds is None else now + seconds,
        )
        with self._changing() as known:
            known.append(record)
        return key, record

    def revoke(self, key_id: str) -> Key:
        """The record of a key that is refused from now on. It stays in the file: the last one opens no door.

        Raises: ConfigError if no key has this id.
        """
        with self._changing() as known:
            for place, record in enumerate(known):
                if record.key_id == key_id:
                    known[place] = replace(record, revoked_at=record.revoked_at or int(time.time()))
                    return known[place]
            raise ConfigError(
                f"No key has the id {key_id!r}. {suggestion(key_id, [r.key_id for r in known] or ['none'])}"
            )

    def all(self) -> list[Key]:
        """Every key that was ever created, oldest first.

        Raises: ArtifactError if the file is damaged.
        """
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self._stamp, self._known = None, []
            return []
        stamp = (found.st_mtime_ns, found.st_ino)
        if stamp != self._stamp:
            self._known, self._stamp = _read(self.path), stamp
        return self._known

    def find(self, presented: str) -> Key | None:
        """The record of a key that holds, else None.

        It is looked up by its hash: how long that takes says nothing of the hashes that are kept, since nobody can choose theirs.
        """
        if not KEY.fullmatch(presented):
            return None
        digest, known = _digest(presented), self.all()
        if known is not self._indexed:
            self._indexed, self._by_digest = known, {record.digest: record for record in known}
        found = self._by_digest.get(digest)
        same = found is not None and hmac.compare_digest(found.digest, digest)
        return found if found is not None and same and found.holds(time.time()) else None

    @contextmanager
    def _changing(self) -> Iterator[list[Key]]:
        """The keys to change; written in one step when the block ends well, one process at a time."""
        with alone(self.path.parent):
            known = list(_read(self.path)) if self.path.exists() else []
            yield known
            rows = [{**asdict(record), "scope": record.scope.name.lower()} for record in known]
            replace_file(self.path, json.dumps({"keys": rows}, indent=2).encode())


def _digest(key: str) -> str:
    """At 256 random bits a plain hash cannot be guessed back."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _read(path: Path) -> list[Key]:
    kept = read_json(path)
    try:
        return [Key(**{**row, "scope": Scope.of(row["scope"])}) for row in kept["keys"]]
    except (KeyError, TypeError, ConfigError) as error:
        raise ArtifactError(
            f"{path} is damaged, so nobody is let in. Put back a copy, or delete it and create keys."
        ) from error

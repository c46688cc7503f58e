"""The one way in: authentication before anything of the request is read, and nothing without it that isn't listed as open.

Who asks goes to the routes as `caller.Caller`, and the tenant as `scope["tenant"]`. Refusals and deeds go to the audit log.
"""

import ipaddress
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Request

from penchant.serving.access.audit import AuditLog
from penchant.serving.access.caller import LOCAL, Caller
from penchant.serving.access.keys import KEY, Keys
from penchant.serving.access.limits import Limits
from penchant.serving.access.origin import known_host, own_page
from penchant.serving.access.pace import Pace
from penchant.serving.access.policy import Need, need
from penchant.serving.access.refusals import later, refusal

ASK_FOR_KEY = {"WWW-Authenticate": 'Bearer realm="penchant"'}


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """Who is let in: holders of keys; without any keys, the machine itself, or everybody if that was insisted on."""

    keys: Keys
    audit: AuditLog
    hosts: frozenset[str]
    insecure: bool = False


class Gate:
    """The layer in front of the bodies and the routes."""

    def __init__(self, app: ASGIApp, door: Door, limits: Limits) -> None:
        self.app = app
        self.door = door
        self.keyless = not door.keys.all()
        self.pace = Pace(limits.requests_per_minute)
        self.refusals = Pace(limits.refused_per_minute)

    async def __call__(self, scope: Request, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close", "code": 1008, "reason": "There are no sockets here."})
        asked = need(scope["method"], scope["path"])
        scope["state"] = {**scope.get("state", {}), "caller": None}
        refused = self._refused(scope, asked)
        if refused is None:
            return await self.app(scope, receive, self._told(scope, asked, send))
        if refused.status_code != 429:
            refused = await self._noted(scope, asked, refused)
        return await refused(scope, receive, send)

    def _refused(self, scope: Request, asked: Need) -> JSONResponse | None:
        """Why not, or None. Sets who asks."""
        headers = Headers(scope=scope)
        if not known_host(headers, self.door.hosts):
            return refusal(421, "WrongHost", "The server isn't known by this name. Start it with --allow-host NAME.")
        if not own_page(scope["method"], headers):
            return refusal(403, "ForeignPage", "Pages of other sites change nothing here.")
        if _key_in_url(scope):
            return refusal(400, "KeyInUrl", "Addresses get logged: send keys as a header, and revoke this one.")
        if asked.scope is None:
            return None
        who = self._caller(scope, headers)
        if who is None:
            text = "A key that holds is needed: Authorization: Bearer pn_... (penchant keys create RUN)."
            return refusal(401, "Unauthorized", text, ASK_FOR_KEY)
        scope["state"]["caller"], scope["tenant"] = who, who.tenant
        if who.scope < asked.scope:
            return refusal(403, "Forbidden", f"This needs a key of the scope {asked.scope.name.lower()}.")
        wait = 0.0 if who is LOCAL else self.pace.wait(who.key_id)
        return later(429, "TooMany", "This key has asked for all that it may for now.", wait) if wait else None

    def _caller(self, scope: Request, headers: Headers) -> Caller | None:
        """Without keys at the start, as long as there still are none: a server that lost its keys stays shut."""
        keys = self.door.keys
        if self.keyless and not keys.all():
            return LOCAL if self.door.insecure or _of_this_machine(scope) else None
        said = headers.getlist("authorization")
        word, _, presented = said[0].partition(" ") if len(said) == 1 else ("", "", "")
        record = keys.find(presented.strip()) if word.lower() == "bearer" else None
        return Caller(key_id=record.key_id, tenant=record.tenant, scope=record.scope) if record else None

    async def _noted(self, scope: Request, asked: Need, refused: JSONResponse) -> JSONResponse:
        """The refusal, in the audit log; or 429 to an address that had many, which aren't written down any more."""
        address = (scope.get("client") or ("nowhere", 0))[0]
        wait = self.refusals.wait(address)
        if wait:
            return later(429, "TooMany", "Too many refusals. Look at the first one, then try again later.", wait)
        who = scope["state"]["caller"]
        ids = {"from": address, **asked.ids}
        name = who.key_id if who else "nobody"
        await run_in_threadpool(self.door.audit.write, name, asked.route, f"refused {refused.status_code}", ids)
        return refused

    def _told(self, scope: Request, asked: Need, send: Send) -> Send:
        """Deeds are in the audit log before their answer is out."""
        if not asked.deed:
            return send

        async def audited(message: Message) -> None:
            if message["type"] == "http.response.start":
                who, outcome = scope["state"]["caller"].key_id, str(message["status"])
                await run_in_threadpool(self.door.audit.write, who, asked.route, outcome, asked.ids)
            await send(message)

        return audited


def _of_this_machine(scope: Request) -> bool:
    try:
        return ipaddress.ip_address((scope.get("client") or ("", 0))[0]).is_loopback
    except ValueError:
        return False


def _key_in_url(scope: Request) -> bool:
    said = unquote_to_bytes(scope["query_string"]) + b" " + scope["path"].encode("utf-8", "replace")
    return b"pn_" in said and KEY.search(said.decode("utf-8", "replace")) is not None

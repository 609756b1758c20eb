"""A Clever on the loopback that behaves as badly as the real one may: a real threaded HTTP server.

    with AwkwardClever({"token": a_district()}) as clever:
        client = CleverClient(clever.settings())

`faults` are what the next requests get instead of their answer; `manners` is how lists are paged.
"""

from __future__ import annotations

import base64
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from roster_core.settings import Clever, Secret
from tests.adapters.clever_event_pages import events_page

Lists = dict[str, list[dict[str, Any]]]
Fault = Callable[["Handler", bytes], None]
ROLES = ("student", "teacher", "staff", "district_admin", "contact")


class FakeClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self, now: float = 1_800_000_000.25) -> None:
        self.now = now
        self.slept: list[float] = []

    def time(self) -> float:
        """Unix seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Lets time pass."""
        self.slept.append(seconds)
        self.now += seconds


@dataclass(frozen=True)
class Manners:
    """How lists are answered: records a page, and what is odd about the pages."""

    page_size: int = 10_000
    largest_limit: int = 10_000
    empty_pages: bool = False
    overlap: int = 0
    shuffled: random.Random | None = None
    strange: bool = False
    whole_addresses: bool = False


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    at: float
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class AwkwardClever:
    """The server. `districts`: each district's lists by its token. Use it in a `with`."""

    districts: dict[str, Lists]
    manners: Manners = field(default_factory=Manners)
    clock: Callable[[], float] = time.time
    client_id: str = "app-id"
    client_secret: str = "app-secret-never-shown"
    # What happens to the next requests whose path ends so; "" is any. None lets one through.
    faults: dict[str, list[Fault | None]] = field(default_factory=dict)
    # For each further /districts answer the next of these, the last one for ever.
    last_syncs: list[str] = field(default_factory=list)
    chaos: Callable[[], Fault | None] = lambda: None
    refused_tokens: set[str] = field(default_factory=set)
    asked: list[Asked] = field(default_factory=list)
    too_early: list[Asked] = field(default_factory=list)
    quiet_until: float = 0.0
    lock: Lock = field(default_factory=Lock)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"clever": self}))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settings(self, *, token: str = "") -> Clever:
        """How to reach this server: as the app, or with one district's token."""
        app = {} if token else {"client_id": self.client_id, "client_secret": Secret(self.client_secret)}
        return Clever(**app, district_token=Secret(token), api_url=self.url, oauth_url=self.url)

    def paths(self) -> list[str]:
        """The path of each request so far."""
        return [asked.path for asked in self.asked]

    def district_id(self, token: str) -> str:
        """The district a token is of."""
        return self.districts[token]["districts"][0]["id"]


class Handler(BaseHTTPRequestHandler):
    """Answers one request after another on a connection."""

    protocol_version = "HTTP/1.1"
    # Headers and body in one packet: apart, each answer waits 40 ms for an acknowledgement.
    wbufsize = -1
    clever: AwkwardClever

    def do_GET(self) -> None:
        """Records the request, then answers it or does something worse."""
        parts = urlsplit(self.path)
        asked = Asked(self.clever.clock(), parts.path, dict(parse_qsl(parts.query)), dict(self.headers))
        with self.clever.lock:
            self.clever.asked.append(asked)
            if asked.at < self.clever.quiet_until:
                self.clever.too_early.append(asked)
            fault = self._fault(parts.path)
            status, document = self._answer(asked)
        body = json.dumps(document).encode() if not isinstance(document, bytes) else document
        if fault is None:
            self.reply(status, body)
        else:
            fault(self, body)

    do_POST = do_GET

    def reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """A whole answer."""
        self.begin(status, {"Content-Length": str(len(body)), **(headers or {})})
        self.wfile.write(body)

    def begin(self, status: int, headers: dict[str, str]) -> None:
        """Status line and headers; the Date is the server's own clock."""
        self.send_response_only(status)
        whole = {"Date": formatdate(self.clever.clock(), usegmt=True), "Content-Type": "application/json", **headers}
        for name, value in whole.items():
            if value:
                self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def _fault(self, path: str) -> Fault | None:
        for ending, waiting in self.clever.faults.items():
            if waiting and path.endswith(ending):
                return waiting.pop(0)
        return self.clever.chaos()

    def _answer(self, asked: Asked) -> tuple[int, Any]:
        clever, sign = self.clever, self.headers.get("Authorization", "")
        if asked.path == "/oauth/tokens":
            pair = base64.b64encode(f"{clever.client_id}:{clever.client_secret}".encode()).decode()
            return (200, self._tokens(asked)) if sign == f"Basic {pair}" else (401, {"message": "Unauthorized"})
        token = sign.removeprefix("Bearer ")
        if token not in clever.districts or token in clever.refused_tokens:
            return 401, {"message": "Unauthorized"}
        name = asked.path.rpartition("/")[2]
        lists = clever.districts[token]
        if not asked.path.startswith(("/v3.0/", "/v3.1/")) or name not in lists:
            return 404, b"<!DOCTYPE html><pre>Cannot GET</pre>"
        if name == "districts":
            return 200, self._wrapped(self._synced(lists[name]), [])
        return (self._events if name == "events" else self._page)(asked, lists[name])

    def _tokens(self, asked: Asked) -> dict[str, Any]:
        wanted = asked.query.get("district")
        owners = {token: self.clever.district_id(token) for token in self.clever.districts}
        listed = [
            {
                "id": f"t{place}",
                "created": f"2022-06-{place + 1:02}T21:56:32.335Z",
                "owner": {"type": "district", "id": owner},
                "access_token": token,
                "scopes": ["read:sections"],
            }
            for place, (token, owner) in enumerate(owners.items())
            if wanted in (None, owner)
        ]
        return {"data": listed, "links": [{"rel": "self", "uri": self.path}]}

    def _synced(self, districts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        waiting = self.clever.last_syncs
        if not waiting:
            return districts
        return [
            {**district, "last_sync": waiting[0] if len(waiting) == 1 else waiting.pop(0)} for district in districts
        ]

    def _page(self, asked: Asked, records: list[dict[str, Any]]) -> tuple[int, Any]:
        manners, limit = self.clever.manners, int(asked.query.get("limit", "100"))
        if limit > manners.largest_limit:
            return 413, b""
        if role := asked.query.get("role"):
            records = [record for record in records if role in record["roles"]]
        start = int(asked.query.get("starting_after", "0"))
        size = min(limit, manners.page_size)
        # An odd cursor (half way between two pages) is an empty page that leads on.
        empty = manners.empty_pages and asked.query.get("empty") == "yes"
        shown = [] if empty else records[max(0, start - manners.overlap) : start + size]
        links = [{"rel": "self", "uri": self.path}]
        if start:
            links.append({"rel": "prev", "uri": asked.path + "?ending_before=1"})
        if empty or start + size < len(records):
            after = {"starting_after": str(start if empty else start + size)}
            word = {"empty": "yes"} if manners.empty_pages and not empty else {}
            rest = {name: value for name, value in asked.query.items() if name not in ("starting_after", "empty")}
            links.append({"rel": "next", "uri": f"{asked.path}?{urlencode({**rest, **after, **word})}"})
        return 200, self._wrapped(shown, links)

    def _events(self, asked: Asked, events: list[dict[str, Any]]) -> tuple[int, Any]:
        try:
            return 200, self._wrapped(*events_page(asked.path, asked.query, events, self.clever.manners.page_size))
        except KeyError:
            return 404, {"message": "Not found"}

    def _wrapped(self, records: list[dict[str, Any]], links: list[dict[str, str]]) -> dict[str, Any]:
        manners = self.clever.manners
        if manners.strange:
            records = [strange(record) for record in records]
            links = [*links, {"rel": "first", "uri": None}, {"rel": None}]
        if manners.shuffled:
            manners.shuffled.shuffle(links)
        if manners.whole_addresses:
            links = [{**link, "uri": f"{self.clever.url}{link['uri']}"} for link in links]
        return {
            "links": links,
            "data": [{"uri": "/v3.0/x", "data": record} for record in records],
            "paging": {"count": 0},
        }


def strange(record: dict[str, Any]) -> dict[str, Any]:
    """The record with fields, words and nulls nobody announced; what a roster takes from it stays the same."""
    grown = {**record, "hologram": {"deep": [1, None, {"x": []}]}, "ext": None, "last_modified": None}
    if "roles" in grown:
        roles = {role: {**held, "aura": "blue", "race": None, "gender": 7} for role, held in grown["roles"].items()}
        grown["roles"] = {**roles, "guardian_angel": {"wings": 2}, **({} if "contact" in roles else {"contact": None})}
    return grown


def status(code: int, body: bytes = b"", **headers: str) -> Fault:
    """Answers with this status."""

    def fault(handler: Handler, _: bytes) -> None:
        handler.reply(code, body, {name.replace("_", "-"): value for name, value in headers.items()})

    return fault


def limited(seconds: float, *, reset: str | None = None, **headers: str) -> Fault:
    """A 429 that asks for silence so long; `reset` is written instead of the real X-RateLimit-Reset."""

    def fault(handler: Handler, _: bytes) -> None:
        until = handler.clever.clock() + seconds
        handler.clever.quiet_until = max(until, handler.clever.quiet_until)
        said = {"X-RateLimit-Reset": f"{until:.2f}" if reset is None else reset}
        handler.reply(429, b"", {**said, **{name.replace("_", "-"): value for name, value in headers.items()}})

    return fault


def dropped(handler: Handler, _: bytes) -> None:
    """Closes the connection without a word."""
    handler.close_connection = True


def cut(handler: Handler, body: bytes) -> None:
    """Sends less than Content-Length says."""
    handler.begin(200, {"Content-Length": str(len(body))})
    handler.wfile.write(body[: len(body) // 2])
    handler.close_connection = True


def cut_chunks(handler: Handler, body: bytes) -> None:
    """Sends one chunk and never the last one."""
    handler.begin(200, {"Transfer-Encoding": "chunked"})
    half = body[: len(body) // 2]
    handler.wfile.write(f"{len(half):x}\r\n".encode() + half + b"\r\n")
    handler.close_connection = True


def half_json(handler: Handler, body: bytes) -> None:
    """A whole answer whose JSON ends too early."""
    handler.reply(200, body[: len(body) // 2])

"""SELweb's roster service on the loopback, as docs/selweb-roster-service.md has it; it can be told to misbehave.

    with RosterService() as service:
        target = HttpTarget(store, service.url, Secret(service.token))

`faults` are what the next requests get instead of an honest answer; a fault decides itself whether the work is done.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from typing import Any, Self
from urllib.parse import unquote

from roster_core.plan import ROW_COLUMNS

Reply = tuple[int, Any]
Fault = Callable[["Handler", Callable[[], Reply]], None]
LARGEST_BODY = 32 * 1024**2
ROWS_A_PART = 25_000


@dataclass
class Kept:
    """One roster as the service keeps it."""

    manifest: dict[str, Any]
    parts: dict[int, dict[str, Any]] = field(default_factory=dict)
    receipt: dict[str, Any] | None = None
    state: str = "staged"


@dataclass(frozen=True)
class Asked:
    """One request as it came in; `what` is `GET state`, `PUT part`, `POST stage`, `POST commit`, …"""

    what: str
    path: str
    headers: dict[str, str]


@dataclass
class RosterService:
    """The server. Use it in a `with`."""

    token: str = "selweb-token-never-shown"
    rosters: dict[tuple[str, str], Kept] = field(default_factory=dict)
    in_force: dict[str, str] = field(default_factory=dict)
    # What the remote preflight finds in every roster, and what the commit refuses besides.
    objections: list[dict[str, Any]] = field(default_factory=list)
    # What happens to the next requests of a kind (see Asked.what); None lets one through.
    faults: dict[str, list[Fault | None]] = field(default_factory=dict)
    # How often a commit is answered with "committing" before it is done.
    slow: int = 0
    commits: int = 0
    asked: list[Asked] = field(default_factory=list)
    lock: RLock = field(default_factory=RLock)
    port: int = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listens, after a stop at the same address as before; what was half done is not."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), type("Bound", (Handler,), {"service": self}))
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Stops listening. Nothing is lost that was done."""
        self._server.shutdown()
        self._server.server_close()

    def whats(self) -> list[str]:
        """The kind of each request so far."""
        return [asked.what for asked in self.asked]

    def answer(self, what: str, place: list[str], headers: dict[str, str], body: bytes) -> Reply:
        """Does what is asked, and gives status and document. `place`: the parts of the path, decoded."""
        with self.lock:
            if headers.get("Authorization") != f"Bearer {self.token}":
                return 401, {"error": {"code": "unauthorised", "message": "Who are you?"}}
            if len(body) > LARGEST_BODY:
                return 413, b""
            district, digest = place[2], place[4] if len(place) > 4 else ""
            if what == "POST stage":
                return self._stage(district, headers.get("Idempotency-Key", ""), json.loads(body))
            if digest == "current":
                digest = self.in_force.get(district, "")
            kept = self.rosters.get((district, digest))
            if what == "GET state":
                self._go_on(district, kept)
                return 200, self._shown(district, digest)
            if kept is None:
                return 404, b"<html>Nothing here</html>"
            if what.endswith("part"):
                return self._part(what, district, kept, int(place[6]), body)
            missing = len(kept.parts) != kept.manifest["parts"]
            if what == "POST preflight":
                found = {"digest": digest, "findings": self.objections}
                return refusal("parts-missing") if missing else (200, found)
            return self._commit(district, kept, json.loads(body), missing)

    def _stage(self, district: str, key: str, manifest: dict[str, Any]) -> Reply:
        if manifest["format"] != "selweb-roster/1" or key != manifest["digest"]:
            return 400, {"error": {"code": "not-understood", "message": "Format or key is wrong."}}
        known = self.rosters.get((district, key))
        if known is not None and known.manifest != manifest:
            return refusal("digest-conflict")
        self.rosters.setdefault((district, key), Kept(manifest))
        return (200 if known else 201), self._shown(district, key)

    def _part(self, what: str, district: str, kept: Kept, number: int, body: bytes) -> Reply:
        digest = kept.manifest["digest"]
        if what == "GET part":
            return (200, kept.parts[number]) if number in kept.parts else (410, b"")
        part = json.loads(body)
        columns = part["columns"]
        lengths = {len(cells) for cells in columns.values()}
        whole = tuple(columns) == ROW_COLUMNS and len(lengths) == 1 and max(lengths) <= ROWS_A_PART
        if not whole or (part["digest"], part["part"]) != (digest, number):
            return 400, {"error": {"code": "not-understood", "message": "That is no part of this roster."}}
        if kept.parts.setdefault(number, part) != part:
            return refusal("part-conflict")
        return 200, self._shown(district, digest)

    def _commit(self, district: str, kept: Kept, asked: dict[str, Any], missing: bool) -> Reply:
        digest = kept.manifest["digest"]
        if kept.receipt is None:
            before = self.rosters.get((district, self.in_force.get(district, "")))
            if (before.receipt["receipt_id"] if before else None) != asked["expected_current"]:
                return refusal("current-roster-moved")
            if missing:
                return refusal("parts-missing")
            if any(found["severity"] != "warning" for found in self.objections):
                return 422, refusal("not-acceptable", "It has blockers.", *self.objections)[1]
            kept.state, self._waiting = "committing", (self.slow, asked["receipt"])
            if self.slow:
                return 202, self._shown(district, digest)
            self._go_on(district, kept)
        return 200, self._shown(district, digest)

    def _go_on(self, district: str, kept: Kept | None) -> None:
        """A commit that takes long comes one question nearer to its end."""
        if kept is None or kept.state != "committing":
            return
        left, receipt = self._waiting
        self._waiting = (left - 1, receipt)
        if left > 0:
            return
        before = self.rosters.get((district, self.in_force.get(district, "")))
        if before:
            before.state = "replaced"
        kept.receipt, kept.state = receipt, "committed"
        self.in_force[district] = kept.manifest["digest"]
        self.commits += 1

    def _shown(self, district: str, digest: str) -> dict[str, Any]:
        kept = self.rosters.get((district, digest))
        if kept is None:
            return {"roster": None}
        # Shown to the receipt only when it is done; `hologram` is a key nobody announced.
        told = {"district_id": district, "digest": digest, "state": kept.state, "parts": kept.manifest["parts"]}
        return {"roster": {**told, "received": sorted(kept.parts), "receipt": kept.receipt, "hologram": None}}


class Handler(BaseHTTPRequestHandler):
    """Answers one request after another on a connection."""

    protocol_version = "HTTP/1.1"
    service: RosterService

    def do_GET(self) -> None:
        """Records the request, then answers it or does something worse."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        place = [unquote(part) for part in self.path.strip("/").split("/")]
        what, headers = f"{self.command} {_kind(place)}", dict(self.headers)
        with self.service.lock:
            self.service.asked.append(Asked(what, self.path, headers))
            waiting = self.service.faults.get(what)
            fault = waiting.pop(0) if waiting else None

        def act() -> Reply:
            return self.service.answer(what, place, headers, body)

        if fault is None:
            self.reply(*act())
        else:
            fault(self, act)

    do_POST = do_PUT = do_GET

    def reply(self, status: int, document: Any, cut: int = 0, **headers: str) -> None:
        """An answer, short of its last `cut` bytes."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(body)), "Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) - cut])
        self.close_connection = self.close_connection or bool(cut)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def _kind(place: list[str]) -> str:
    if len(place) == 4:
        return "stage"
    return {5: "state", 6: place[-1], 7: "part"}[len(place)]


def refusal(code: str, message: str = "", *findings: dict[str, Any]) -> Reply:
    """A no, as the contract words it."""
    return 409, {"error": {"code": code, "message": message or code, "findings": list(findings)}}


def a_finding(message: str, severity: str = "blocker", **other: Any) -> dict[str, Any]:
    """An objection of the service."""
    return {"code": "unknown-school", "severity": severity, "message": message, **other}


def lost_before(handler: Handler, act: Callable[[], Reply]) -> None:
    """Hangs up without having done anything."""
    handler.close_connection = True


def lost_after(handler: Handler, act: Callable[[], Reply]) -> None:
    """Does the work and hangs up."""
    act()
    handler.close_connection = True


def cut_after(handler: Handler, act: Callable[[], Reply]) -> None:
    """Does the work and sends half an answer."""
    status, document = act()
    handler.reply(status, document, cut=20)


def twice(handler: Handler, act: Callable[[], Reply]) -> None:
    """Does the work and answers it two times, so that the second may be taken for the next question's answer."""
    reply = act()
    handler.reply(*reply)
    handler.reply(*reply)


def unavailable(handler: Handler, act: Callable[[], Reply]) -> None:
    """503, and nothing done."""
    handler.reply(503, b"<html>Please wait</html>")


def bad_gateway(handler: Handler, act: Callable[[], Reply]) -> None:
    """Does the work, of which whatever stands between says 502."""
    act()
    handler.reply(502, b"<html>Bad gateway</html>")


def says(status: int, document: Any = b"", **headers: str) -> Fault:
    """Answers this, and does nothing."""
    return lambda handler, act: handler.reply(status, document, **headers)


def dies(*, done: bool) -> Fault:
    """Is killed in the middle of the work: `done` or rolled back when it comes back, which `start` does."""

    def fault(handler: Handler, act: Callable[[], Reply]) -> None:
        if done:
            act()
        handler.close_connection = True
        handler.service.stop()

    return fault

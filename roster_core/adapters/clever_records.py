"""Clever's records as columns: what the API answers and what a file of its answers holds, v3.0 and v3.1.

Only the fields named here are decoded: no address, no race, no lunch or disability status is
ever held. Every field may be absent, null or of another type: Clever adds words and fields
without a new version.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

# What may stand where an object is expected, without the whole page being refused.
_Other = str | int | float | bool | list[Any] | None


class _Quiet(msgspec.Struct, gc=False):
    """No repr shows a field: they hold children's data, and one a token."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Name(_Quiet):
    """A person's name."""

    first: Any = None
    last: Any = None


class Role(_Quiet):
    """What a user has as a student."""

    sis_id: Any = None
    student_number: Any = None
    grade: Any = None
    dob: Any = None
    school: Any = None
    schools: Any = None


class Roles(_Quiet):
    """The roles of a user; absent ones are None."""

    student: Role | _Other = None
    teacher: dict[str, Any] | _Other = None
    staff: dict[str, Any] | _Other = None
    district_admin: dict[str, Any] | _Other = None
    contact: dict[str, Any] | _Other = None


class Record(Role):
    """Any record of Clever, or the wrapper `{"data": record}` around one.

    A student's own fields stand here too, as version 2 of the API wrote them.
    """

    data: Record | list[Record] | str | int | float | bool | None = None
    id: Any = None
    name: Name | _Other = None
    email: Any = None
    roles: Roles | _Other = None
    subject: Any = None
    period: Any = None
    section_number: Any = None
    course: Any = None
    term_id: Any = None
    teacher: Any = None
    teachers: Any = None
    students: Any = None
    school_number: Any = None
    number: Any = None
    start_date: Any = None
    end_date: Any = None
    state: Any = None
    error: Any = None
    pause_start: Any = None
    pause_end: Any = None
    last_sync: Any = None
    created: Any = None
    owner: Any = None
    access_token: Any = None


class _Link(_Quiet):
    rel: Any = None
    uri: Any = None


class _Envelope(_Quiet):
    data: list[Record | _Other] | Record | str | int | float | bool | None | msgspec.UnsetType = msgspec.UNSET
    links: list[_Link | _Other] | dict[str, Any] | str | int | float | bool | None = None
    body: _Envelope | list[Record | _Other] | str | int | float | bool | None = None


_DECODER = msgspec.json.Decoder(_Envelope | list[Record | _Other])


@dataclass(frozen=True, slots=True)
class Page:
    """The records of one answer, and the address of the next one; the empty text where there is none."""

    records: list[Record]
    next: str


def read_page(body: bytes) -> Page:
    """One list, or one record, as Clever answers it, unwrapped, or recorded with its `body`.

    Raises ValueError: no JSON, cut off, or without records.
    """
    try:
        answer = _DECODER.decode(_utf8(body))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    while isinstance(answer, _Envelope) and answer.data is msgspec.UNSET and isinstance(answer.body, _Envelope | list):
        answer = answer.body
    if isinstance(answer, list):
        return Page(list(_flat(answer)), "")
    data = [answer.data] if isinstance(answer.data, Record) else answer.data
    # A list written by a program in Go is null where it is empty.
    if not isinstance(data, list | None):
        raise ValueError("it holds no list of records")
    return Page(list(_flat(data or [])), _next(answer.links))


def _utf8(body: bytes) -> bytes | str:
    # Windows programs save JSON as UTF-16, or with a mark before it.
    return body if body[:1] in (b"{", b"[") and body[1:2] != b"\0" else body.decode(json.detect_encoding(body))


def _flat(items: Iterable[Record | _Other]) -> Iterable[Record]:
    """The records themselves. An item that is none becomes one without an id, so that it is told as unreadable."""
    for item in items:
        inner = item.data if isinstance(item, Record) else None
        if isinstance(inner, list):
            yield from _flat(inner)
        elif isinstance(inner, Record):
            yield inner
        else:
            yield item if isinstance(item, Record) else Record()


def _next(links: object) -> str:
    """The link that leads on: the order of links is not fixed."""
    listed = links if isinstance(links, list) else []
    found = [link.uri for link in listed if isinstance(link, _Link) and link.rel == "next"]
    return next((uri for uri in found if isinstance(uri, str) and uri), "")

"""Clever's lists, page by page, whatever they list. Facts are from dev.clever.com, "Paging and limits"."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Protocol, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from roster_core.adapters.http import Gateway
from roster_core.errors import ServiceError
from roster_core.roster import Progress

#: Empty pages in a row that may still lead on.
_EMPTY_PAGES = 1_000


class Listed(Protocol):
    """One answer: its records, and the address of the next one (empty where there is none)."""

    @property
    def records(self) -> Collection[object]:
        """The records of this page."""
        ...

    @property
    def next(self) -> str:
        """Where the list goes on; the empty text at its end."""
        ...


ListedPage = TypeVar("ListedPage", bound=Listed)


class Declined(Exception):
    """Clever gave a status that the caller has a use for. Raised to the modules that read lists, never to people."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


def pages_of(
    gateway: Gateway,
    address: str,
    read: Callable[[bytes], ListedPage],
    progress: Progress | None,
    *,
    declined: Collection[int] = (),
) -> Iterator[ListedPage]:
    """Every page of a list: it ends where no link leads on, not at a page that is short or empty.

    Raises Declined for a status in `declined`, ServiceError where Clever fails or the pages never end.
    """
    seen: set[str] = set()
    empty = 0
    while address:
        whole = gateway.resolve(address)
        path = urlsplit(whole).path
        if whole in seen or empty > _EMPTY_PAGES:
            raise ServiceError(f"Clever's pages at {path} lead in a circle and never end. Try again later.")
        seen.add(whole)
        smaller = _with_smaller_limit(whole)
        taken = (200, *declined, 413) if smaller else (200, *declined)
        answer = gateway.request("GET", whole, read=read, ok=taken, progress=progress)
        if answer.status == 413:
            address = smaller
            continue
        if answer.status != 200:
            raise Declined(answer.status)
        empty = 0 if answer.value.records else empty + 1
        yield answer.value
        address = answer.value.next


def _with_smaller_limit(address: str) -> str:
    """The same question for pages a tenth as long; the empty text where they are short already."""
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not query.get("limit", "").isdecimal() or int(query["limit"]) < 100:
        return ""
    query["limit"] = str(int(query["limit"]) // 10)
    return parts._replace(query=urlencode(query)).geturl()

"""Clever's Events API: what changed since an event that is remembered, so that a district need not be pulled whole.

Facts are from dev.clever.com, "Events API": events are opt-in and kept for 30 days, `starting_after` must name an event
that is still kept, and the way in is the newest event's id, then a full pull, then the events after that one.
Whatever the events cannot give with certainty is pulled in full, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from roster_core.adapters.clever import REPEATS, CleverClient
from roster_core.adapters.clever_pages import Declined, pages_of
from roster_core.adapters.clever_records import Record
from roster_core.adapters.clever_replay import Change, NotCertain, replayed
from roster_core.adapters.clever_tables import text_of
from roster_core.adapters.event_cursor import Cursor
from roster_core.adapters.http import Gateway
from roster_core.errors import ServiceError
from roster_core.roster import District, Progress, Roster

#: Events asked for in one page.
LIMIT = 1_000
#: Clever keeps events for 30 days; a day is left for what its clock and ours disagree about.
KEPT = timedelta(days=29)
#: However well the events go, a district is pulled in full this often: what was missed once must not stay missed.
IN_FULL_EVERY = timedelta(days=7)
#: A sync's events come one after the other for a while; younger ones may be half of them.
SETTLED = timedelta(minutes=5)

_DECLINED = (400, 403, 404)


@dataclass(frozen=True, eq=False)
class Fetched:
    """A district's roster of now. `events`: how many brought it there; None for a full pull, of which `why` says why.

    `cursor` is where the next replay may start; None where Clever gives this app no events of the district.
    """

    roster: Roster
    cursor: Cursor | None
    events: int | None
    why: str = ""


class _Quiet(msgspec.Struct, gc=False):
    """No repr shows a field: they hold children's data."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class _Body(_Quiet):
    object: Record | str | int | float | bool | list[Any] | None = None


class _Event(_Quiet):
    id: Any = None
    type: Any = None
    created: Any = None
    data: _Body | str | int | float | bool | list[Any] | None = None


class _Item(_Quiet):
    data: _Event


class _Envelope(_Quiet):
    data: list[_Item] | None
    links: Any = None


_DECODER = msgspec.json.Decoder(_Envelope)


@dataclass(frozen=True, slots=True)
class EventPage:
    """The events of one answer in the order they happened, and the address of the next one."""

    records: list[_Event]
    next: str


def read_events(body: bytes) -> EventPage:
    """One page of events as Clever answers it. Raises ValueError: no JSON, cut off, or no list of events."""
    answer = _DECODER.decode(body)
    links = answer.links if isinstance(answer.links, list) else []
    onward = [link.get("uri") for link in links if isinstance(link, dict) and link.get("rel") == "next"]
    following = next((uri for uri in onward if isinstance(uri, str)), "")
    return EventPage([item.data for item in answer.data or []], following)


def fetch(
    client: CleverClient,
    district_id: str,
    *,
    cursor: Cursor | None = None,
    stored: Callable[[], Roster | None] = lambda: None,
    progress: Progress | None = None,
) -> Fetched:
    """A district's roster as of now: the stored one with the events after the cursor, else pulled in full.

    `stored` gives the roster the cursor belongs to, None where it is not there any more; it is asked only where the
    events may do. Raises as `CleverClient.pull` does.
    """
    try:
        return _by_events(client, district_id, cursor, stored, progress)
    except NotCertain as doubt:
        why = str(doubt)
    if progress:
        progress(f"Pulling in full: {why}", 0, None)
    with client.connect(district_id, progress) as gateway:
        newest = _newest(client, gateway, progress)
    roster = client.pull(district_id, progress)
    held = None if newest is None else Cursor(*newest, pulled_at=roster.fetched_at)
    return Fetched(roster, held, None, why)


def _by_events(
    client: CleverClient,
    district_id: str,
    cursor: Cursor | None,
    stored: Callable[[], Roster | None],
    progress: Progress | None,
) -> Fetched:
    if cursor is None:
        raise NotCertain("no event is remembered of this district")
    started = client.now()
    if started - cursor.event_at > KEPT:
        raise NotCertain(f"the remembered event is over {KEPT.days} days old, and Clever keeps them 30 days")
    if started - cursor.pulled_at > IN_FULL_EVERY:
        raise NotCertain(f"the last full pull is over {IN_FULL_EVERY.days} days old")
    with client.connect(district_id, progress) as gateway:
        district, events = _events_after(client, gateway, district_id, cursor.event_id, progress)
    last_at = _moment(events[-1].created) if events else cursor.event_at
    if last_at is None or (events and started - last_at < SETTLED):
        raise NotCertain("the newest event is so young that others may still be coming")
    roster = stored()
    if roster is None:
        raise NotCertain("the roster that the remembered event belongs to is not stored any more")
    _refuse_untold_sync(roster.district, district, events)
    if progress:
        progress("Putting the roster together", 0, None)
    made = replayed(roster, _changes(events), district=district, fetched_at=started)
    held = replace(cursor, event_id=text_of(events[-1].id), event_at=last_at) if events else cursor
    return Fetched(made, held, len(events))


def _events_after(
    client: CleverClient, gateway: Gateway, district_id: str, event_id: str, progress: Progress | None
) -> tuple[District, list[_Event]]:
    """Every event after that one, and the district as it was before and after they were read."""
    events: list[_Event] = []
    before = client.district(gateway, district_id, progress)
    for _ in range(REPEATS + 1):
        after_id = text_of(events[-1].id) if events else event_id
        address = client.address("events", {"starting_after": after_id, "limit": LIMIT})
        try:
            for page in pages_of(gateway, address, read_events, progress, declined=_DECLINED):
                events += page.records
                if progress:
                    progress("Events", len(events), None)
        except Declined as declined:
            raise NotCertain(f"Clever does not give the events after the remembered one ({declined})") from None
        except ServiceError as error:
            raise NotCertain(f"the events could not be read: {error}") from None
        if any(not _is_text(event.id) for event in events):
            raise NotCertain("an event has no id")
        after = client.district(gateway, district_id, progress)
        if after.last_sync == before.last_sync:
            return after, events
        before = after
    raise NotCertain("Clever synced with the district again and again while the events were read")


def _refuse_untold_sync(before: District, now: District, events: list[_Event]) -> None:
    """A sync is told by an event about the district: where it is not, the others are not all there either."""
    told = {
        text_of(event.data.object.last_sync)
        for event in events
        if text_of(event.type).startswith("districts.")
        and isinstance(event.data, _Body)
        and isinstance(event.data.object, Record)
    }
    if now.last_sync != before.last_sync and now.last_sync not in told:
        raise NotCertain("Clever synced with the district, and no event tells of it")


def _changes(events: list[_Event]) -> list[Change]:
    changes = []
    for event in events:
        record = event.data.object if isinstance(event.data, _Body) else None
        if not isinstance(record, Record):
            raise NotCertain(f'an event of the type "{text_of(event.type)[:40]}" holds no record')
        changes.append(Change(text_of(event.type), record))
    return changes


def _newest(client: CleverClient, gateway: Gateway, progress: Progress | None) -> tuple[str, datetime] | None:
    """The id and moment of the newest event; None where the app gets no events, or none that is still of use.

    No event at all says nothing: Clever makes none where they are switched off.
    """
    address = client.address("events", {"ending_before": "last", "limit": 1})
    try:
        # One page: the newest event is on it, and a link leads back from there.
        page = next(pages_of(gateway, address, read_events, progress, declined=_DECLINED), None)
    except (Declined, ServiceError):
        # The pull goes on without events; where Clever itself is down, the pull says so.
        return None
    if page is None or not page.records:
        return None
    newest = page.records[-1]
    at = _moment(newest.created)
    return (newest.id, at) if _is_text(newest.id) and at is not None else None


def _moment(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(text_of(value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)

"""How Clever answers for events: by the id of the last one that is known, as long as it is kept."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

Events = list[dict[str, Any]]


def events_page(path: str, query: dict[str, str], events: Events, largest: int) -> tuple[Events, list[dict[str, str]]]:
    """The events asked for and the links. Raises KeyError for an id that is not kept."""
    limit, after = min(int(query["limit"]), largest), query.get("starting_after")
    if query.get("ending_before") == "last":
        # Such a page carries a link onward that leads to an empty page.
        return events[-limit:], _links(path, limit, events[-1]["id"] if events else "")
    places = {event["id"]: place for place, event in enumerate(events)}
    left = events[places[after] + 1 :] if after else events
    return left[:limit], _links(path, limit, left[limit - 1]["id"] if left[limit:] else "")


def _links(path: str, limit: int, after: str) -> list[dict[str, str]]:
    onward = f"{path}?{urlencode({'limit': limit, 'starting_after': after})}"
    return [{"rel": "self", "uri": path}, *([{"rel": "next", "uri": onward}] if after else [])]

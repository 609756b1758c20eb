"""The place in Clever's events up to which a stored roster knows everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Cursor:
    """The event up to which a district's stored roster knows everything.

    `event_at` is when that event was made, `pulled_at` when the roster was last pulled in full, both aware.
    """

    event_id: str
    event_at: datetime
    pulled_at: datetime

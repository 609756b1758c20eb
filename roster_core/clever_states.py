"""What Clever says of a district's sync, in words for people: what it means, what to do, and who does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from roster_core.wording import short_day

Owner = Literal["us", "district", "Clever", "nobody"]


@dataclass(frozen=True, slots=True)
class CleverState:
    """What was last learnt of a district from Clever, in Clever's own words; ISO texts, empty where it said nothing.

    trouble: why nothing could be read of it, '' where it could. listed: whether Clever's list of connected districts
    named it when it was last asked, at `asked_at`.
    """

    district_id: str
    name: str = ""
    state: str = ""
    error: str = ""
    pause_start: str = ""
    pause_end: str = ""
    last_sync: str = ""
    trouble: str = ""
    listed: bool = True
    asked_at: datetime = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reading:
    """A state as people read it.

    kind: `trouble` (no fresh data can be had, or none that is right), `pause` (nothing new arrives), `late` (nothing
    new arrived for days), `fine`. step: what to do, '' for nothing, and `owner`: who does it.
    """

    kind: Literal["trouble", "pause", "late", "fine"]
    told: str
    step: str = ""
    owner: Owner = "us"


def reading(of: CleverState, now: datetime, sync_old_days: float = 3) -> Reading:
    """The state in words, the gravest that is true of it. `sync_old_days`: after how many a sync is old."""
    if not of.listed:
        told = "Clever no longer lists this district: it has ended the connection, or paused this app."
        return Reading("trouble", told, "Ask the district to connect the app in Clever again", "district")
    if of.trouble:
        return Reading("trouble", of.trouble, "Mend the connection to Clever", "us")
    # Clever says that the error text is for people and decides nothing; the state does.
    said = f' It says "{of.error.strip()}".' if of.error.strip() else ""
    if of.state == "pending":
        told = f"Clever's sync with the district has an error that the district can mend.{said}"
        return Reading("trouble", told, "Ask the district to mend its sync", "district")
    if of.state == "error":
        told = f"Clever's sync with the district has an error that only Clever can mend.{said}"
        return Reading("trouble", told, "Ask Clever support to mend the sync", "Clever")
    if paused(of, now.date()):
        until = f" until {_day(of.pause_end)}" if of.pause_end else ""
        told = f"The district's sync into Clever is paused{until}: changes in its schools do not arrive."
        return Reading("pause", told, "Ask the district when it ends the pause", "district")
    synced = _moment(of.last_sync)
    if synced is not None and now - synced > timedelta(days=sync_old_days):
        told = f"Clever last heard from the district {(now - synced).days} days ago, on {_day(of.last_sync)}."
        return Reading("late", told, "Ask the district why its sync has stopped", "district")
    return Reading("fine", _calm(of))


def paused(of: CleverState, today: date) -> bool:
    """Whether the district's sync into Clever is paused on that day, by its state or by its dates."""
    begun = bool(of.pause_start) and of.pause_start[:10] <= today.isoformat()
    within = begun and (not of.pause_end or today.isoformat() <= of.pause_end[:10])
    return of.state == "paused" or within


def pause_ahead(of: CleverState, today: date) -> str:
    """The pause that is planned after that day, as a sentence; '' where none is."""
    if not of.pause_start or of.pause_start[:10] <= today.isoformat():
        return ""
    until = f" to {_day(of.pause_end)}" if of.pause_end else ""
    return f"Its sync into Clever pauses from {_day(of.pause_start)}{until}: nothing changes then."


def _calm(of: CleverState) -> str:
    heard = f", last on {_day(of.last_sync)}" if _moment(of.last_sync) else ""
    if of.state in ("running", "success", ""):
        return f"Clever syncs with the district{heard}."
    return f'Clever gives the district the state "{of.state}"{heard}.'


def _moment(text: str) -> datetime | None:
    """A date or moment as Clever writes either; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(text: str) -> str:
    moment = _moment(text)
    return short_day(moment) if moment else text

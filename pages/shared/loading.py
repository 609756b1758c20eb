"""Bringing rosters in: from Clever, from uploaded files, the sample. Each in a job of the whole server."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from pages.shared import services, widgets
from roster_core.errors import InputError, Refusal
from roster_core.roster import Progress, Roster
from roster_core.sample import DISTRICT_NAME, sample_district

_COUNTED = ("student", "section", "enrollment")

KIND, LISTING = "load", "clever-districts"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load brought: the district and a sentence for people."""

    district_id: str
    message: str


def start_sample() -> services.Job:
    """Makes the sample district anew, as of today."""
    services.require_access("reviewer")
    made = services.now()
    return _start(services.SAMPLE_ID, DISTRICT_NAME, "sample", lambda progress: sample_district(fetched_at=made))


def start_clever(district_id: str, name: str) -> services.Job:
    """Fetches one district from Clever."""
    services.require_access("reviewer")
    client = services.clever()
    return _start(district_id, name, "clever", lambda progress: client.pull(district_id, progress))


def start_listing() -> services.Job:
    """Asks Clever which districts it connects; the outcome is a list of (id, name, why it cannot be read)."""
    services.require_access("reviewer")
    client = services.clever()

    def ask(progress: Progress) -> list[tuple[str, str, str]]:
        # Their tokens stay behind: an outcome is held until somebody looks at it.
        return [(each.id, each.name, each.error) for each in client.districts(progress)]

    return services.start_job(LISTING, "", ask, "Clever")


def start_upload(files: Mapping[str, bytes], name: str, made_on: date) -> services.Job:
    """Reads uploaded files as the roster of the district of that name, as old as the day they were made.

    A district that is known by this name gets a newer roster. Files that say themselves which
    district they are of may not go to another one: the job then ends in a `Refusal`.
    """
    services.require_access("reviewer")
    known = {record.name.casefold(): record.id for record in services.store().districts.list()}
    district_id = known.get(name.strip().casefold(), "")
    made = _made(made_on, services.now())

    def read(progress: Progress) -> Roster:
        roster = services.read_uploads(files, made, progress)
        own = roster.district.id
        if district_id and own and own != district_id:
            raise Refusal(
                f"These files are of the district with the id {own}, not of {name.strip()} ({district_id}). "
                "Nothing was changed. Load them under another name."
            )
        wanted = district_id or own or _id_of(name)
        return replace(roster, district=replace(roster.district, id=wanted, name=name.strip()))

    return _start(district_id or _id_of(name), name.strip(), "file", read)


def _start(district_id: str, name: str, source: str, read: Callable[[Progress], Roster]) -> services.Job:
    store, who = services.store(), services.actor()

    def work(progress: Progress) -> Loaded:
        roster = read(progress)
        if not len(roster.students):
            raise InputError("There is no student in this roster. The roster from before stays as it was.")
        progress("Keeping the roster", 0, None)
        told = roster.district
        # The roster last: a district with no roster is only a name, a roster without its district would be lost.
        store.districts.save(told.id, name=told.name or told.id, source=source, state=told.state, now=services.now())
        info = store.rosters.save(roster)
        store.activity.add(services.now(), who, told.id, "load-roster", info.logged)
        counts = ", ".join(widgets.count(getattr(info, f"{noun}s"), noun) for noun in _COUNTED)
        return Loaded(told.id, f"{told.name or told.id}: {counts}.")

    return services.start_job(KIND, district_id, work, name or district_id)


def _made(made_on: date, now: datetime) -> datetime:
    """A moment for files of which only the day is known: this one for today's, else the end of that day."""
    return min(now, datetime.combine(made_on, time(23, 59, 59), tzinfo=UTC))


def _id_of(name: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
    if not slug:
        raise InputError("Give the district a name with letters or digits in it.")
    return slug

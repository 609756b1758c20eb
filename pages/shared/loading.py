"""Bringing rosters in: from Clever, from uploaded files, the sample. Each in a job of the whole server."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from pages.shared import services, widgets
from roster_core.errors import InputError, Refusal
from roster_core.glance import Changed, RefreshOutcome
from roster_core.overview import Row
from roster_core.roster import Progress
from roster_core.sample import DISTRICT_NAME, sample_district

_COUNTED = ("student", "section", "enrollment")

#: What a load ends with: the roster as stored, and what changed (None for a district's first).
Taken = tuple[services.RosterInfo, Changed | None]

KIND, LISTING, REFRESHING = "load", "clever-districts", services.REFRESHING


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load brought: the district, a sentence for people, and what changed (None for the first roster)."""

    district_id: str
    message: str
    changed: Changed | None = None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How refreshing all districts went: when it began, an outcome each, and the districts that send files."""

    began: datetime
    outcomes: tuple[RefreshOutcome, ...]
    by_files: tuple[str, ...]

    def of(self, kind: str) -> list[RefreshOutcome]:
        """The outcomes of one kind."""
        return [each for each in self.outcomes if each.kind == kind]


def start_sample() -> services.Job:
    """Makes the sample district anew, as of today."""
    services.require_access("reviewer")
    made, keeper = services.now(), services.keeper()
    return _start(
        services.SAMPLE_ID,
        DISTRICT_NAME,
        lambda progress: keeper.keep(sample_district(fetched_at=made), source="sample"),
    )


def start_clever(district_id: str, name: str) -> services.Job:
    """Fetches one district from Clever."""
    services.require_access("reviewer")
    client, keeper = services.clever(), services.keeper()

    def take(progress: Progress) -> Taken:
        got = keeper.fetch(client, district_id, progress)
        return got.refreshed.info, got.changed

    return _start(district_id, name, take)


def start_listing() -> services.Job:
    """Asks Clever which districts it connects and keeps what it says of each; the outcome is how many they are."""
    services.require_access("reviewer")
    client, store = services.clever(), services.store()
    return services.start_job(
        LISTING, "", lambda progress: services.list_clever(client, store, services.now, progress), "Clever"
    )


def start_refresh_all(rows: Sequence[Row]) -> services.Job:
    """Fetches every district of these that is loaded from Clever, one after the other; the outcome is `Refreshed`.

    Districts that send files are only named: new files are to be asked for.
    """
    services.require_access("reviewer")
    client, keeper = services.clever(), services.keeper()
    known = [row.facts for row in rows if row.facts.roster_at is not None]
    wanted = [(each.district_id, each.name) for each in known if each.source == "clever"]
    by_files = tuple(each.name for each in known if each.source == "file")
    if not wanted:
        raise Refusal("No district is loaded from Clever yet. Load one first.")

    def work(progress: Progress) -> Refreshed:
        began = services.now()
        outcomes = services.refresh_all(client, keeper, wanted, progress)
        return Refreshed(began, outcomes, by_files)

    return services.start_job(REFRESHING, "", work, "every district")


def start_upload(files: Mapping[str, bytes], name: str, made_on: date) -> services.Job:
    """Reads uploaded files as the roster of the district of that name, as old as the day they were made.

    A district that is known by this name gets a newer roster. Files that say themselves which
    district they are of may not go to another one: the job then ends in a `Refusal`.
    """
    services.require_access("reviewer")
    known = {record.name.casefold(): record.id for record in services.store().districts.list()}
    district_id = known.get(name.strip().casefold(), "")
    others = set(known.values())
    made, keeper = _made(made_on, services.now()), services.keeper()

    def take(progress: Progress) -> Taken:
        roster = services.read_uploads(files, made, progress)
        own = roster.district.id
        if district_id and own and own != district_id:
            raise Refusal(
                f"These files are of the district with the id {own}, not of {name.strip()} ({district_id}). "
                "Nothing was changed. Load them under another name."
            )
        wanted = district_id or own or _id_of(name)
        if not (district_id or own) and wanted in others:
            raise Refusal(
                f"A district of another name has the id {wanted} that {name.strip()} would get. Nothing was changed. "
                "Give these files another name, or that district's own to refresh it."
            )
        progress("Keeping the roster", 0, None)
        roster = replace(roster, district=replace(roster.district, id=wanted, name=name.strip()))
        return keeper.keep(roster, source="file")

    return _start(district_id or _id_of(name), name.strip(), take)


def _start(district_id: str, name: str, take: Callable[[Progress], Taken]) -> services.Job:
    def work(progress: Progress) -> Loaded:
        info, changed = take(progress)
        counts = ", ".join(widgets.count(getattr(info, f"{noun}s"), noun) for noun in _COUNTED)
        return Loaded(info.district_id, f"{info.district_name or info.district_id}: {counts}.", changed)

    return services.start_job(KIND, district_id, work, name or district_id)


def _made(made_on: date, now: datetime) -> datetime:
    """A moment for files of which only the day is known: this one for today's, else the end of that day."""
    return min(now, datetime.combine(made_on, time(23, 59, 59), tzinfo=UTC))


def _id_of(name: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
    if not slug:
        raise InputError("Give the district a name with letters or digits in it.")
    return slug

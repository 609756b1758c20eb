"""The activity log and what it proves; who takes files away; how long things are held, and deleting them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

import streamlit as st

from pages.shared.access import actor, require_access, while_signed_in
from pages.shared.services.delivery import let_go_of_restores
from pages.shared.services.server import at_work, forget_district, forget_jobs, now, settings, store
from roster_core.activity import ActivityEntry, BrokenLink, Head
from roster_core.adapters.store import Note, Purged, RosterInfo
from roster_core.custody import Custody, custody
from roster_core.errors import Refusal

#: How many entries a page looks through; the command line has them all.
NEWEST = 5_000


def entries() -> list[ActivityEntry]:
    """The newest entries of the log, newest first."""
    require_access()
    return store().activity.list(limit=NEWEST)


def chain() -> tuple[Head, list[BrokenLink]]:
    """The newest entry of the log, and where the log is not what was written; proved once a minute."""
    require_access()
    head = store().activity.head()
    return head, _problems(str(head), f"{now():%FT%H:%M}")


def record_of(district_id: str) -> Custody:
    """What was held of a district, who saw it, who approved and what was deleted, by the log alone."""
    require_access()
    return custody(store().activity.list(district_id, limit=None), district_id)


def district_names() -> Mapping[str, str]:
    """The names of the districts there are, by id; a deleted one has none any more."""
    require_access()
    return {district.id: district.name or district.id for district in store().districts.list()}


def held_rosters(district_id: str) -> list[RosterInfo]:
    """Every stored roster of a district, the newest first."""
    require_access()
    return store().rosters.history(district_id)


def kept_until(fetched_at: datetime) -> datetime:
    """When a roster fetched at that moment is deleted by the retention setting."""
    require_access()
    return fetched_at + timedelta(days=settings().retention_days)


def recorded(
    district_id: str, file: str, make: Callable[[], str | bytes], *, rows: int = 0, names: bool = False
) -> Callable[[], str | bytes]:
    """Makes a file when it is asked for, in a thread without a session, and writes down who took which and whether
    children's names are in it.

    One with names raises `Refusal` once no roster of the district is held any more: what was made before stays in
    the session that drew it.
    """
    require_access()
    if names:
        require_access("reviewer")
    held, who = store(), actor()

    def made() -> str | bytes:
        if names and held.rosters.latest(district_id) is None:
            raise Refusal("What this file is made of was deleted meanwhile, so it is not given out. Reload the page.")
        content = make()
        held.activity.add(now(), who, district_id, "download", {"file": file, "rows": rows, "names": names})
        return content

    return while_signed_in(made)


def notes_of(district_id: str) -> list[Note]:
    """What people wrote about a district, newest first."""
    require_access("admin")
    return store().notes.list(district_id)


def erase_note(note_id: str) -> None:
    """Takes the words of a note away; its hash stays in the log."""
    require_access("admin")
    store().notes.erase(note_id, actor=actor(), now=now())


def delete_district(district_id: str) -> None:
    """Deletes everything of a district but its entries in the log.

    Raises `InputError` where there is nothing, `Refusal` while work runs that would bring it back.
    """
    require_access("admin")
    if at_work(district_id):
        raise Refusal("This district is being loaded or committed. Wait until that has ended, or stop it; then delete.")
    store().districts.delete(district_id, actor=actor(), now=now())
    forget_jobs(district_id)
    _forget([district_id])


def purge() -> Purged:
    """Deletes what is older than the retention setting."""
    require_access("admin")
    before = now() - timedelta(days=settings().retention_days)
    purged = store().purge(before, actor=actor(), now=now())
    _forget(district_names())
    return purged


def _forget(district_ids: Iterable[str]) -> None:
    """Lets go of what the server's memory still holds of what was deleted."""
    for district_id in district_ids:
        forget_district(district_id)
    let_go_of_restores()


@st.cache_resource(show_spinner="Proving the log …", max_entries=4)
def _problems(head: str, minute: str) -> list[BrokenLink]:
    return store().activity.verify()

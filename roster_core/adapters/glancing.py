"""The facts about every district at a glance, from one reading of the store each; no roster is opened."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, tzinfo

from roster_core.adapters.gathered import Gathered, gather
from roster_core.adapters.launching import glimpses
from roster_core.adapters.store import DistrictRecord, RosterInfo, Store
from roster_core.clever_states import CleverState
from roster_core.glance import DistrictFacts
from roster_core.onboarding import Evidence, NextAction, Onboarding, next_action, step_title
from roster_core.settings import Settings


def facts(store: Store, target: str, *, settings: Settings, zone: tzinfo, today: date) -> list[DistrictFacts]:
    """What is known of every district, in no order. `today`: the day in `zone`, which days are counted from.

    Raises InputError where what is kept of a launch cannot be read.
    """
    gathered = gather(store)
    seen = glimpses(gathered, gathered.ids, settings=settings, zone=zone, today=today)
    return [_facts(gathered, target, each, seen[each], today) for each in gathered.ids]


def _facts(gathered: Gathered, target: str, district_id: str, seen: Evidence, today: date) -> DistrictFacts:
    info, record = gathered.infos.get(district_id), gathered.records.get(district_id)
    state, receipt = gathered.said.get(district_id), gathered.receipt(district_id, target)
    # Numbers of rules that are gone, or of no roster, say nothing any more.
    counted = gathered.counts.get(district_id) if info and district_id in gathered.rules else None
    drifted, kept = gathered.drifts.get(district_id), gathered.kept.get(district_id, Onboarding())
    following = _next(gathered, district_id, next_action(kept, seen, today))
    waiting = [request.chase_on for request in kept.requests if request.outcome == "waiting"]
    return DistrictFacts(
        district_id,
        gathered.name(district_id),
        _source(info, record, state),
        us_state=record.state if record else "",
        action=following.text.removesuffix("."),
        owner=following.owner,
        place=following.place,
        step=step_title(following.step, kept, seen) if following.step else "",
        left=following.left.days if following.left else None,
        left_words=following.left.sentence if following.left else "",
        colleague=kept.looked_after_by,
        opens=kept.dates.opens,
        closes=kept.dates.closes,
        chase_on=min(waiting, default=None),
        roster_at=info.fetched_at if info else None,
        students=info.students if info else 0,
        counted=counted,
        current=gathered.is_counted(district_id),
        changed=gathered.changes.get(district_id),
        drifted=drifted if drifted and receipt and drifted.receipt_id == receipt.receipt_id else None,
        clever=state,
        committed_at=datetime.fromisoformat(receipt.committed_at) if receipt else None,
    )


def _next(gathered: Gathered, district_id: str, found: NextAction) -> NextAction:
    """What comes next; where it hangs on a roster that is not here, or numbers nobody knows, what mends that."""
    state = gathered.said.get(district_id)
    if found.step == "sharing-requested" and district_id not in gathered.infos and state and state.listed:
        # Whether anything is shared already is seen by loading it.
        return replace(found, text="Load it from Clever.", owner="us", place="Districts")
    if found.step != "filtered" or district_id not in gathered.infos or gathered.is_counted(district_id):
        return found
    if district_id not in gathered.rules:
        return replace(found, text="Say who is assessed.", owner="us", place="Districts")
    return replace(found, text="Its students are to be counted again: look behind the row.", owner="us")


def _source(info: RosterInfo | None, record: DistrictRecord | None, state: CleverState | None) -> str:
    """`clever`, `file` or `sample` by the newest roster, else by how the district came to be known."""
    if info is not None:
        return info.source if info.source in ("clever", "sample") else "file"
    return "clever" if state is not None else record.source if record else ""

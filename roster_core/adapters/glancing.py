"""The facts about every district at a glance, from one reading of the store each; no roster is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from roster_core.adapters.launching import glimpses
from roster_core.adapters.store import DistrictRecord, RosterInfo, Store
from roster_core.clever_states import CleverState
from roster_core.commit import Receipt
from roster_core.glance import Changed, Counted, DistrictFacts, Drifted
from roster_core.onboarding import STEPS, Evidence, NextAction, Onboarding, next_action
from roster_core.settings import Settings


@dataclass(frozen=True)
class Gathered:
    """What the store holds of its districts, by district id. `receipts`: those in force at the target."""

    infos: Mapping[str, RosterInfo]
    records: Mapping[str, DistrictRecord]
    said: Mapping[str, CleverState]
    rules: Mapping[str, str]
    counts: Mapping[str, Counted]
    changes: Mapping[str, Changed]
    drifts: Mapping[str, Drifted]
    receipts: Mapping[str, Receipt]
    kept: Mapping[str, Onboarding]

    @property
    def ids(self) -> list[str]:
        """Every district that has a roster, was added by hand, or is connected in Clever; in no order."""
        connected = [key for key, state in self.said.items() if state.listed]
        return list(dict.fromkeys([*self.infos, *self.records, *connected]))

    def name(self, district_id: str) -> str:
        """The district's name, as its roster, whoever added it, or Clever calls it; its id where nobody does."""
        info, record = self.infos.get(district_id), self.records.get(district_id)
        state = self.said.get(district_id)
        told = (info.district_name if info else "", record.name if record else "", state.name if state else "")
        return next((each for each in told if each), district_id)

    def is_counted(self, district_id: str, *, checked: bool = False) -> bool:
        """Whether the numbers are of the newest roster and the rules as they stand, and were `checked` if asked."""
        info, counted = self.infos.get(district_id), self.counts.get(district_id)
        if info is None or counted is None:
            return False
        same = (counted.fingerprint, counted.rules) == (info.fingerprint, self.rules.get(district_id))
        return same and not (checked and counted.blockers is None)

    def uncounted(self) -> list[str]:
        """The districts with a roster and rules whose numbers are to be counted, or checked, again."""
        return [each for each in self.infos if each in self.rules and not self.is_counted(each, checked=True)]

    def stands(self, district_id: str) -> tuple[str, str, str]:
        """What numbers of the district depend on: its id, the newest roster's fingerprint, its rules' digest."""
        return district_id, self.infos[district_id].fingerprint, self.rules.get(district_id, "")


def gather(store: Store, target: str) -> Gathered:
    """Everything that is known of the districts of a store; `target`: the name of the one they are committed to."""
    known = store.known
    return Gathered(
        infos={info.district_id: info for info in store.rosters.list()},
        records={record.id: record for record in store.districts.list()},
        said=known.clever(),
        rules=known.rules_in_use(),
        counts=known.counts(),
        changes=known.changes(),
        drifts=known.drifts(),
        receipts={each.district_id: each for each in store.ledger.current_receipts() if each.target == target},
        kept={district_id: kept.onboarding for district_id, kept in store.onboarding.list().items()},
    )


def facts(store: Store, target: str, *, settings: Settings, zone: tzinfo, today: date) -> list[DistrictFacts]:
    """What is known of every district, in no order. `today`: the day in `zone`, which days are counted from.

    Raises InputError where what is kept of a launch cannot be read.
    """
    gathered = gather(store, target)
    seen = glimpses(store, gathered.ids, settings=settings, zone=zone, today=today)
    return [_facts(gathered, each, seen[each], today) for each in gathered.ids]


def _facts(gathered: Gathered, district_id: str, seen: Evidence, today: date) -> DistrictFacts:
    info, record = gathered.infos.get(district_id), gathered.records.get(district_id)
    state, receipt = gathered.said.get(district_id), gathered.receipts.get(district_id)
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
        step=STEPS[following.step].title if following.step else "",
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

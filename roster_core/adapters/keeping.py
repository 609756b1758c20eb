"""A fresh roster into the store, with what can be said of its district at a glance; and all districts, one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from roster_core.adapters.clever import CleverClient, CleverDistrict
from roster_core.adapters.launching import rules_in_use
from roster_core.adapters.refreshing import Refreshed, refresh
from roster_core.adapters.store import RosterInfo, Store, rules_digest
from roster_core.changes import changes
from roster_core.clever_states import CleverState
from roster_core.coverage import Coverage, evaluate
from roster_core.drift import drift, drifted
from roster_core.errors import Cancelled, InputError, RosterError, RuleError, ServiceError
from roster_core.gathering import blocking
from roster_core.glance import Changed, Counted, Drifted, RefreshOutcome, count_changes
from roster_core.onboarding import profile_of
from roster_core.preflight import PreflightReport, run_preflight
from roster_core.roster import Progress, Roster
from roster_core.rules import RuleSet
from roster_core.settings import Profile

#: Blockers that are of the hour or of what is in force, not of the data: age and hold are shown beside the numbers.
_APART = ("roster-stale", "mass-change")


@dataclass(frozen=True, eq=False)
class Fetched:
    """What came from Clever, and what changed by it (None for a district's first roster)."""

    refreshed: Refreshed
    changed: Changed | None


@dataclass(frozen=True)
class Keeper:
    """Keeps rosters for whoever loads them: where, by whom, for which target they are watched, and the clock.

    `began`: the newest entry of the log when the work began. A district deleted since, by whatever process, is not
    brought back: keeping or fetching it raises Refusal.
    """

    store: Store
    actor: str
    target: str
    profile: Profile
    now: Callable[[], datetime]
    began: int

    def keep(self, roster: Roster, *, source: str) -> tuple[RosterInfo, Changed | None]:
        """Makes it its district's newest, and notes what can be said of it at a glance, as `note` does.

        Raises InputError for a roster without students or district id: nothing is changed then.
        """
        if not len(roster.students):
            raise InputError("There is no student in this roster. The roster from before stays as it was.")
        before = self.store.rosters.latest(roster.district.id)
        info = self.store.keep_load(roster, source=source, began=self.began, actor=self.actor, now=self.now())
        return info, self.note(roster, info, before)

    def fetch(self, client: CleverClient, district_id: str, progress: Progress | None = None) -> Fetched:
        """Brings a district up to date from Clever, and notes what can be said of it at a glance, as `note` does.

        Raises ServiceError where Clever fails, InputError for a district that is not connected or shares no student;
        the roster from before then stays as it was.
        """
        got = refresh(client, self.store, district_id, actor=self.actor, began=self.began, progress=progress)
        self.store.known.keep_clever(_said(got.roster, self.now()))
        return Fetched(got, self.note(got.roster, got.info, got.before))

    def note(self, roster: Roster, info: RosterInfo, before: RosterInfo | None) -> Changed | None:
        """What a new roster changed (None for a district's first), how its students stand, and what has drifted."""
        changed = None if before is None else self._changed(roster, info, before)
        if changed is not None:
            self.store.known.keep_changes(info.district_id, changed)
        self.count(roster)
        self.watch(roster)
        return changed

    def count(self, roster: Roster) -> Counted | None:
        """Counts and checks the district under its rules as they stand, and keeps the numbers.

        Gives None where nobody has said yet who is assessed, or the draft is unfinished.
        """
        district_id, text = roster.district.id, self.store.rule_sets.in_use(roster.district.id)
        if not text:
            return None
        try:
            coverage = evaluate(roster, RuleSet.from_json(text))
        except RuleError:
            # A draft may be unfinished; its pages say what is wrong with it.
            return None
        profile = profile_of(self.profile, self.store.onboarding.get(district_id).onboarding)
        report = run_preflight(
            roster, coverage.rule_set, as_of=self.now(), profile=profile, coverage=coverage, fresh=True
        )
        counted = numbers_of(coverage, self.now(), rules=text, report=report)
        self.store.known.keep_counts(district_id, counted)
        return counted

    def watch(self, roster: Roster) -> Drifted | None:
        """What has drifted since the commit in force, and keeps it; None where there is none to compare with."""
        district_id = roster.district.id
        receipts = self.store.ledger.current_receipts(district_id)
        receipt = next((each for each in receipts if each.target == self.target), None)
        if receipt is None:
            return None
        try:
            committed = self.store.ledger.committed(receipt.receipt_id)
        except InputError:
            # Its rows were purged: there is nothing to compare with any more.
            return None
        before = self._committed_from(district_id, receipt.fingerprint)
        found = drift(committed, roster, RuleSet.from_json(receipt.rule_set_json), before=before)
        noted = drifted(found, roster.fingerprint, self.now())
        self.store.known.keep_drift(district_id, noted)
        return noted

    def _changed(self, roster: Roster, info: RosterInfo, before: RosterInfo) -> Changed:
        told: tuple[str, ...] = ()
        if before.fingerprint != info.fingerprint:
            try:
                rules = rules_in_use(self.store, info.district_id)
                earlier = self.store.rosters.load(before.fingerprint, info.district_id)
                told = tuple(changes(earlier, roster, rules).sentences())
            except (InputError, ServiceError):
                # The roster before, or the draft, cannot be read: what is known of both without them is told.
                told = count_changes(_sizes(before), _sizes(info))
        return Changed(info.fingerprint, before.fetched_at, self.now(), told)

    def _committed_from(self, district_id: str, fingerprint: str) -> Roster | None:
        """The roster a commit was made from, to tell which sections were shared then; None where it was purged."""
        stored = {info.fingerprint for info in self.store.rosters.history(district_id)}
        return self.store.rosters.load(fingerprint, district_id) if fingerprint in stored else None


def numbers_of(coverage: Coverage, now: datetime, *, rules: str = "", report: PreflightReport | None = None) -> Counted:
    """The numbers of a coverage, with the causes that block a commit by owner where a report is given.

    `rules`: the text the rules were read from; theirs where it is empty.
    """
    return Counted(
        fingerprint=coverage.roster.fingerprint,
        rules=rules_digest(rules or coverage.rule_set.to_json()),
        in_scope=coverage.in_scope,
        one=coverage.one,
        none=coverage.none,
        several=coverage.several,
        excused=coverage.excused,
        to_follow=coverage.to_follow,
        blockers=None if report is None else blocking(report, apart=_APART),
        ruled=bool(coverage.rule_set.rules),
        counted_at=now,
    )


def list_clever(client: CleverClient, store: Store, now: Callable[[], datetime], progress: Progress) -> int:
    """Asks Clever which districts it connects, and keeps what it says of each; gives how many.

    Raises ServiceError or InputError where the list cannot be had; that is kept too, and nothing else changes.
    """
    try:
        found = client.districts(progress)
    except RosterError as error:
        if not isinstance(error, Cancelled):
            store.known.keep_clever_list([], asked_at=now(), trouble=str(error))
        raise
    asked_at = now()
    # Their tokens stay behind.
    store.known.keep_clever_list([_listed(each, asked_at) for each in found], asked_at=asked_at)
    return len(found)


def refresh_all(
    client: CleverClient, keeper: Keeper, wanted: Sequence[tuple[str, str]], progress: Progress
) -> tuple[RefreshOutcome, ...]:
    """Fetches districts (id, name) one after the other; an outcome each, in their order.

    A district that fails keeps its old roster, and the others go on. Where the work is stopped, what was fetched
    until then stays, and the rest is told as not reached.
    """
    outcomes: list[RefreshOutcome] = []
    for done, (district_id, name) in enumerate(wanted):

        def tell(what: str, part: int, of: int | None, done: int = done, name: str = name) -> None:
            progress(f"{name}, {what.lower()}{f' {part:,}' if part else ''}; districts", done, len(wanted))

        try:
            tell("asking Clever", 0, None)
            got = keeper.fetch(client, district_id, tell)
        except Cancelled:
            rest = [RefreshOutcome(each, called, "not reached") for each, called in wanted[done:]]
            return (*outcomes, *rest)
        except RosterError as error:
            outcomes.append(RefreshOutcome(district_id, name, "failed", (str(error),)))
        else:
            told = got.changed.sentences if got.changed else ()
            called = got.refreshed.info.district_name or name
            outcomes.append(RefreshOutcome(district_id, called, "changed" if told else "same", told))
    return tuple(outcomes)


def _sizes(info: RosterInfo) -> dict[str, int]:
    return {noun: getattr(info, noun) for noun in ("students", "sections", "teachers", "enrollments")}


def _said(roster: Roster, now: datetime) -> CleverState:
    told = roster.district
    return CleverState(
        told.id, told.name, told.state, told.error, told.pause_start, told.pause_end, told.last_sync, asked_at=now
    )


def _listed(district: CleverDistrict, now: datetime) -> CleverState:
    return CleverState(
        district.id,
        district.name,
        district.state,
        district.sync_error,
        district.pause_start,
        district.pause_end,
        district.last_sync,
        trouble=district.error,
        asked_at=now,
    )

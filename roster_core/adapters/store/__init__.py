"""The app's own database: rosters, rule sets, launches, receipts with their rows, and who did what."""

from __future__ import annotations

from datetime import datetime

from roster_core.activity import ActivityEntry
from roster_core.adapters.store.activity import ActivityLog
from roster_core.adapters.store.approvals import Approvals
from roster_core.adapters.store.cursors import Cursors, KeptCursor
from roster_core.adapters.store.database import Database
from roster_core.adapters.store.districts import DistrictRecord, Districts
from roster_core.adapters.store.family_choices import FamilyChoices
from roster_core.adapters.store.known import Known, rules_digest
from roster_core.adapters.store.ledger import Ledger
from roster_core.adapters.store.loads import Pulled, keep_load
from roster_core.adapters.store.messages import MessageRecord, Outbox
from roster_core.adapters.store.migrations import migrate
from roster_core.adapters.store.notes import Note, Notes
from roster_core.adapters.store.onboardings import KeptOnboarding, Onboardings
from roster_core.adapters.store.retention import Purged, is_due, purge
from roster_core.adapters.store.rosters import RosterInfo, Rosters
from roster_core.adapters.store.rule_sets import Draft, RuleSets, SavedRuleSet
from roster_core.adapters.store.told_findings import ToldFindings
from roster_core.adapters.store.window_approvals import WindowApprovals
from roster_core.roster import Roster

__all__ = [
    "ActivityEntry",
    "DistrictRecord",
    "Draft",
    "KeptCursor",
    "KeptOnboarding",
    "Known",
    "MessageRecord",
    "Note",
    "Pulled",
    "Purged",
    "RosterInfo",
    "SavedRuleSet",
    "Store",
    "open_store",
    "rules_digest",
]


class Store:
    """One open database. Threads may share it; `close` it when done."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.districts = Districts(database)
        self.rosters = Rosters(database)
        self.cursors = Cursors(database)
        self.window_approvals = WindowApprovals(database)
        self.rule_sets = RuleSets(database)
        self.family_choices = FamilyChoices(database)
        self.ledger = Ledger(database)
        self.onboarding = Onboardings(database)
        self.approvals = Approvals(database)
        self.activity = ActivityLog(database)
        self.known = Known(database)
        self.messages = Outbox(database)
        self.told = ToldFindings(database)
        self.notes = Notes(database)

    def keep_load(
        self,
        roster: Roster,
        *,
        source: str,
        began: int,
        actor: str,
        now: datetime,
        pulled: Pulled | None = None,
    ) -> RosterInfo:
        """Makes a loaded roster its district's newest, with the district, its place in Clever's events and the log.

        `source` as in `DistrictRecord`; `began`: the newest entry of the log when the load began. Raises Refusal where
        the district was deleted since, by this process or another; InputError as `Rosters.save`. Nothing is kept then,
        as it is one transaction.
        """
        with self._database.write() as connection:
            return keep_load(
                connection, roster, source=source, began=began, actor=actor, now=now, pulled=pulled
            )

    def purge(self, before: datetime, *, actor: str, now: datetime) -> Purged:
        """Deletes what is older than that moment, as `retention.RETENTION` says of each table.

        Receipts stay, and so do the rows in force. Recorded in the activity log.
        """
        with self._database.write() as connection:
            purged = purge(connection, before, actor=actor, now=now)
        self._database.forget_deleted()
        return purged

    def is_due(self, before: datetime) -> bool:
        """Whether a purge would delete a roster, or rows of a commit that is not in force any more."""
        with self._database.read() as connection:
            return is_due(connection, before)

    def close(self) -> None:
        """Closes the connections to the database."""
        self._database.close()


def open_store(url: str, *, patience: float = 30.0) -> Store:
    """The store at a database address, brought to the newest schema.

    `sqlite:///path` (the file and its folder are made, for this user only) or `postgresql://...`.
    `patience`: seconds to wait while another program holds the database. Raises InputError for
    an address that cannot be used, ServiceError when the database does not answer.
    """
    database = Database(url, patience=patience)
    try:
        database.use_write_ahead_log()
        migrate(database)
    except BaseException:
        database.close()
        raise
    return Store(database)

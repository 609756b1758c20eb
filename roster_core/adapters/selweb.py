"""The embedded target: the roster in force is kept in the app's own database."""

from __future__ import annotations

from roster_core.adapters.store import Store
from roster_core.commit import Receipt
from roster_core.errors import InputError
from roster_core.plan import CommitPlan, CurrentRoster
from roster_core.preflight import Finding


class EmbeddedTarget:
    """Keeps committed rosters in the store. Nothing leaves this machine, and `where` says so."""

    name = "embedded"

    def __init__(self, store: Store, *, product: str = "SELweb", began: int | None = None) -> None:
        """`product`: what people call the system that the roster has not been sent to.

        `began`: the newest entry of the log when the work began; a district deleted since is not committed.
        """
        self._ledger, self._began = store.ledger, began
        self.where = f"recorded here, not yet in {product}"

    def current(self, district_id: str) -> CurrentRoster | None:
        """The roster in force for the district, or None."""
        return self._ledger.current(district_id, self.name)

    def receipt_for(self, district_id: str, digest: str) -> Receipt | None:
        """The receipt of the plan with that digest, or None where it was never committed."""
        return self._ledger.receipt_for(district_id, self.name, digest)

    def stage(self, plan: CommitPlan) -> str:
        """The plan's digest: nothing needs to be sent ahead. Raises InputError for a plan made for another target."""
        if plan.target != self.name:
            raise InputError(f"This plan was made for '{plan.target}', not for '{self.name}'. Make a new plan.")
        return plan.digest

    def preflight(self, stage_id: str) -> tuple[Finding, ...]:
        """No objections: this target takes what the preflight let pass."""
        return ()

    def commit(self, stage_id: str, plan: CommitPlan, receipt: Receipt) -> Receipt:
        """Makes the plan current, all of it or nothing; gives the receipt that stands.

        Raises InputError when the plan is not the staged one, Refusal when another roster came into force or
        the district was deleted meanwhile.
        """
        if stage_id != plan.digest:
            raise InputError("This is not the plan that was staged. Stage it again before you commit.")
        return self._ledger.commit(plan, receipt, began=self._began)

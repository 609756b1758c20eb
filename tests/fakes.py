"""Stand-ins that record what they are asked and can be told to fail."""

from __future__ import annotations

from roster_core.commit import Receipt
from roster_core.errors import Refusal, ServiceError
from roster_core.findings import Finding
from roster_core.plan import CommitPlan, CurrentRoster


class FakeTarget:
    """A target in memory.

    `fail_at` names the step that fails: `stage`, `preflight`, `commit` (before anything is done), `answer` (the
    commit is done, but its answer is lost), or `down` (from the commit on nothing answers any more).
    """

    def __init__(self, *, name: str = "embedded", fail_at: str = "", objections: tuple[Finding, ...] = ()) -> None:
        self.name = name
        self.where = "kept in a test"
        self.fail_at = fail_at
        self.objections = objections
        self.asked: list[str] = []
        self.receipts: dict[str, Receipt] = {}
        self.rosters: dict[str, CurrentRoster] = {}
        self._current: dict[str, CurrentRoster] = {}
        self._down = False

    def current(self, district_id: str) -> CurrentRoster | None:
        """The roster in force, or None."""
        self._answer("current")
        return self._current.get(district_id)

    def receipt_for(self, district_id: str, digest: str) -> Receipt | None:
        """The receipt of a plan by its digest, or None."""
        self._answer("receipt_for")
        found = self.receipts.get(digest)
        return found if found and found.district_id == district_id else None

    def stage(self, plan: CommitPlan) -> str:
        """The plan's digest."""
        self._answer("stage")
        return plan.digest

    def preflight(self, stage_id: str) -> tuple[Finding, ...]:
        """The objections it was made with."""
        self._answer("preflight")
        return self.objections

    def commit(self, stage_id: str, plan: CommitPlan, receipt: Receipt) -> Receipt:
        """Makes the plan current, as a real target does: whole, once, and only on what the plan was made against."""
        self._down = self.fail_at == "down"
        self._answer("commit")
        if plan.digest in self.receipts:
            return self.receipts[plan.digest]
        current = self._current.get(plan.district_id)
        if (current.receipt_id if current else "") != plan.current_receipt_id:
            raise Refusal("Somebody was faster.")
        self.put(plan, receipt)
        if self.fail_at == "answer":
            raise ServiceError("The answer was lost.")
        return receipt

    def put(self, plan: CommitPlan, receipt: Receipt) -> None:
        """Makes the plan current without any question, as a colleague elsewhere would."""
        self.receipts[plan.digest] = receipt
        self._current[plan.district_id] = self.rosters[receipt.receipt_id] = CurrentRoster(
            receipt_id=receipt.receipt_id,
            rows=plan.rows,
            rule_set_json=plan.rule_set_json,
            digest=plan.digest,
            fingerprint=plan.fingerprint,
            district_name=plan.district_name,
        )

    def _answer(self, step: str) -> None:
        self.asked.append(step)
        if self._down or self.fail_at == step:
            raise ServiceError("The target does not answer.")

"""The HTTP target: SELweb's roster service, by the contract in selweb_contract.py and docs/selweb-roster-service.md.

The service's answer is the truth about what is in force. Receipts and rows are recorded in the store too, so that
history and restore work; where a process died between the two, the next look completes the record here. A request
that changes something is never sent again before the service was asked what became of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from roster_core.adapters.http import Answer, Bearer, Gateway
from roster_core.adapters.pacing import backoff
from roster_core.adapters.selweb_contract import (
    ADVICE,
    COMMITTED,
    MOVED,
    ROWS_A_PART,
    STATES,
    TARGET,
    Place,
    RemoteRoster,
    commit_body,
    manifest,
    no_rows,
    part_body,
    part_reader,
    read_error,
    read_findings,
)
from roster_core.adapters.store import Store
from roster_core.commit import Receipt
from roster_core.errors import InputError, Refusal, ServiceError
from roster_core.findings import Finding
from roster_core.plan import CommitPlan, CurrentRoster
from roster_core.settings import Secret

# How often something is sent, each time but the first only because the service said it has not got it.
_SENDS = 3
# Seconds between two questions whether a commit that takes long is done; ten minutes in all.
_WAITS = (1.0, 2.0, 4.0, 8.0, 16.0, *(30.0,) * 19)
_LONGEST_SAYING = 300


class HttpTarget:
    """Sends rosters to SELweb's roster service. Each call opens a connection of its own, so threads may share it."""

    name = TARGET

    def __init__(
        self,
        store: Store,
        url: str,
        token: Secret,
        *,
        product: str = "SELweb",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing is asked yet. `sleep` takes seconds.

        Raises InputError for an address that is neither https nor on the loopback, and for an unusable token.
        """
        self._ledger, self._product, self._token, self._sleep = store.ledger, product, token, sleep
        self._service = lambda: Gateway(url, name=product, sign=Bearer(token), advice=ADVICE, sleep=sleep)
        with self._service():
            self.where = f"sent to {product} at {urlsplit(url).hostname}"

    def current(self, district_id: str) -> CurrentRoster | None:
        """The roster in force for the district, by the service's answer; None where it has none."""
        place, noted = Place(district_id), self._noted(district_id)
        with self._service() as service:
            roster = self._ask(service, place)
            if roster is None or roster.receipt is None:
                if noted:
                    self._ledger.withdraw(district_id, self.name)
                return None
            receipt = roster.receipt
            rows = self._rows(service, roster, receipt)
        if rows is None:
            raise ServiceError(f"{self._product} has no rows of receipt {receipt.receipt_id}, which is in force there.")
        if receipt.receipt_id != noted:
            self._ledger.follow(receipt, rows, instead_of=noted)
        told = (receipt.rule_set_json, receipt.digest, receipt.fingerprint, receipt.district_name)
        return CurrentRoster(receipt.receipt_id, rows, *told)

    def receipt_for(self, district_id: str, digest: str) -> Receipt | None:
        """The receipt of the plan with that digest, by the service's answer; None where it was never committed."""
        noted = self._noted(district_id)
        with self._service() as service:
            roster = self._settled(service, Place(district_id, digest))
            if roster is None or roster.receipt is None:
                return None
            receipt, in_force = roster.receipt, roster.state == "committed"
            if receipt.receipt_id == noted or (not in_force and self._ledger.receipt(receipt.receipt_id)):
                return receipt
            rows = self._rows(service, roster, receipt)
        if rows is not None:
            self._note(receipt, rows, noted, in_force=in_force)
        return receipt

    def stage(self, plan: CommitPlan) -> str:
        """Sends the rows, in parts, without any effect on the roster in force; gives where they stand there."""
        if plan.target != self.name:
            raise InputError(f"This plan was made for '{plan.target}', not for '{self.name}'. Make a new plan.")
        place = Place(plan.district_id, plan.digest)
        with self._service() as service:
            roster = self._send(service, place, place.rosters, manifest(plan), STATES)
            if roster.state == "staged":
                for number, start in enumerate(range(0, len(plan.rows), ROWS_A_PART), 1):
                    if number not in roster.received:
                        rows = plan.rows.iloc[start : start + ROWS_A_PART]
                        self._send_part(service, place, number, rows)
        return place.path

    def preflight(self, stage_id: str) -> tuple[Finding, ...]:
        """The service's objections to what was staged. Raises Refusal where it will not even look."""
        digest = stage_id.rpartition("/")[2]
        with self._service() as service:
            answer = service.request(
                *("POST", f"{stage_id}/preflight"),
                json={},
                read=lambda body: read_findings(body, digest),
                ok=(200, 409, 422),
            )
        self._heed(answer)
        return tuple(self._safe(finding) for finding in answer.value)

    def commit(self, stage_id: str, plan: CommitPlan, receipt: Receipt) -> Receipt:
        """Makes what was staged the roster in force there, and records it here; gives the receipt that stands.

        Raises InputError when the plan is not the staged one, Refusal when another roster came into force meanwhile
        or the service says no, ServiceError when nobody can tell or the record here failed.
        """
        place, noted = Place(plan.district_id, plan.digest), self._noted(plan.district_id)
        if stage_id != place.path:
            raise InputError("This is not the plan that was staged. Stage it again before you commit.")
        with self._service() as service:
            roster = self._send(service, place, f"{place.path}/commit", commit_body(plan, receipt), COMMITTED)
        stands = roster.receipt or receipt
        try:
            self._note(stands, plan.rows, noted, in_force=roster.state == "committed")
        except ServiceError as error:
            raise ServiceError(
                f"{self._product} has this roster, receipt {stands.receipt_id}, but it could not be recorded here. "
                f"{error} The next look at this district records it."
            ) from error
        return stands

    def _noted(self, district_id: str) -> str:
        """The receipt that is in force by the record here; the empty text for none."""
        mine = (r.receipt_id for r in self._ledger.current_receipts(district_id) if r.target == self.name)
        return next(mine, "")

    def _note(self, receipt: Receipt, rows: pd.DataFrame, noted: str, *, in_force: bool) -> None:
        if in_force:
            self._ledger.follow(receipt, rows, instead_of=noted)
        else:
            self._ledger.keep(receipt, rows)

    def _ask(self, service: Gateway, place: Place) -> RemoteRoster | None:
        return service.request("GET", place.path, read=place.read).value

    def _settled(self, service: Gateway, place: Place) -> RemoteRoster | None:
        """What became of a roster, once the service is no longer busy with it."""
        for seconds in _WAITS:
            roster = self._ask(service, place)
            if roster is None or roster.state != "committing":
                return roster
            self._sleep(seconds)
        raise ServiceError(f"{self._product} is still busy with this commit. Ask again later, by committing it again.")

    def _send(
        self, service: Gateway, place: Place, path: str, content: dict[str, Any], wanted: tuple[str, ...]
    ) -> RemoteRoster:
        """Sends until the roster is in one of the wanted states; after a lost answer only if it turns out not to be."""
        for sends in range(1, _SENDS + 1):
            try:
                answer = service.request(
                    *("POST", path),
                    json=content,
                    headers={"Idempotency-Key": place.digest},
                    read=place.read,
                    ok=(200, 201, 202, 409, 422),
                    retry=False,
                )
            except ServiceError as error:
                lost = error
            else:
                self._heed(answer)
                if answer.value is not None and answer.value.state in wanted:
                    return answer.value
                lost = ServiceError(f"{self._product} did not do what it was asked at {path}. Try again later.")
            roster = self._settled(service, place)
            if roster is not None and roster.state in wanted:
                return roster
            self._sleep(backoff(sends, 0))
        raise lost

    def _send_part(self, service: Gateway, place: Place, number: int, rows: pd.DataFrame) -> None:
        # A part is written once, whatever its number of sends, so a lost answer to a PUT needs no question.
        answer = service.request(
            *("PUT", f"{place.path}/parts/{number}"),
            content=part_body(place.digest, number, rows),
            headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
            read=place.with_part(number),
            ok=(200, 409, 422),
        )
        self._heed(answer)

    def _rows(self, service: Gateway, roster: RemoteRoster, receipt: Receipt) -> pd.DataFrame | None:
        """The rows of a committed roster, from the store where it has them; None where the service deleted them."""
        with suppress(InputError):
            return self._ledger.rows(receipt.receipt_id)
        path = Place(receipt.district_id, receipt.digest).path
        parts: list[pd.DataFrame] = []
        for number in range(1, roster.parts + 1):
            read = part_reader(receipt.digest, number)
            answer = service.request("GET", f"{path}/parts/{number}", read=read, ok=(200, 410))
            if answer.status == 410:
                return None
            parts.append(answer.value)
        rows = pd.concat(parts, ignore_index=True) if parts else no_rows()
        if len(rows) != receipt.students or not rows["student_id"].is_unique:
            raise ServiceError(f"{self._product} gave other rows than receipt {receipt.receipt_id} counts.")
        return rows

    def _heed(self, answer: Answer) -> None:
        """Raises Refusal where the service says no, with its reasons."""
        if answer.status not in (409, 422):
            return
        code, message, findings = read_error(answer.body)
        if code == MOVED:
            raise Refusal("Another roster came into force there after this plan was made. Make a new plan.")
        said = [self._plain(message), *(self._safe(finding).message for finding in findings[:3])]
        more = f" And {len(findings) - 3:,} more." if len(findings) > 3 else ""
        why = " ".join(text for text in said if text) or f"It gave no reason (status {answer.status})."
        raise Refusal(f"{self._product} refuses this roster: {why}{more}")

    def _safe(self, finding: Finding) -> Finding:
        return replace(finding, message=self._plain(finding.message))

    def _plain(self, text: str) -> str:
        """What the service said, fit to show: one line, not endless, and never the token, should it be echoed."""
        return " ".join(text.replace(self._token.reveal(), "********").split())[:_LONGEST_SAYING]

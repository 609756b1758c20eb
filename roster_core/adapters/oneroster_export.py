"""The OneRoster target: a roster becomes a OneRoster 1.1 zip, for a district or for SELweb's SFTP intake.

The ledger decides what is in force, the file follows. The zip is written under another name beside its place, the
ledger records the commit in one transaction, and only then is the zip renamed into place, in one step. So there is
never half a file, a commit the ledger refuses leaves the file as it was, and a process that dies between the two
leaves a record without its file, which the next commit of the same roster completes: `receipt_for` gives a receipt
in force only once the file holds it. The other order would hand on a file that the ledger may still refuse.
"""

from __future__ import annotations

import glob
import os
import tempfile
import time
import zipfile
from contextlib import suppress
from pathlib import Path

from roster_core.adapters.oneroster_tables import check_writable, oneroster_zip
from roster_core.adapters.store import Store
from roster_core.commit import Receipt
from roster_core.errors import InputError, ServiceError
from roster_core.findings import Finding
from roster_core.plan import CommitPlan, CurrentRoster

#: Seconds after which a file that a killed process left behind is deleted; nobody writes that long.
_ABANDONED = 3600.0


class OneRosterTarget:
    """Writes each committed roster to one zip file, readable by this user only; the store keeps what is in force."""

    name = "oneroster"

    def __init__(self, store: Store, path: Path, *, product: str = "SELweb") -> None:
        """Nothing is written yet. `product`: what people call the system that the roster has not been sent to."""
        self._ledger, self._path = store.ledger, path
        self.where = f"written to a OneRoster file, not yet in {product}"

    def current(self, district_id: str) -> CurrentRoster | None:
        """The roster last written for the district, to whatever file; None where there was none."""
        return self._ledger.current(district_id, self.name)

    def receipt_for(self, district_id: str, digest: str) -> Receipt | None:
        """The receipt of the plan with that digest; None where it was never committed.

        Where it is in force and the file does not hold it, the file is written first. Raises ServiceError where
        it cannot be.
        """
        receipt = self._ledger.receipt_for(district_id, self.name, digest)
        if receipt is not None and self._in_force(receipt) and not self._holds(receipt):
            self._complete(receipt)
        return receipt

    def stage(self, plan: CommitPlan) -> str:
        """The plan's digest; nothing is written yet.

        Raises InputError for a plan made for another target, rows no OneRoster file can hold, and a place where no
        file can be.
        """
        if plan.target != self.name:
            raise InputError(f"This plan was made for '{plan.target}', not for '{self.name}'. Make a new plan.")
        check_writable(plan.rows)
        if self._path.is_dir():
            raise InputError(f"{self._path} is a folder. Name a file, as {self._path / 'roster.zip'}.")
        if not self._path.parent.is_dir():
            raise InputError(f"There is no folder {self._path.parent}. Make it, or name a file in another one.")
        return plan.digest

    def preflight(self, stage_id: str) -> tuple[Finding, ...]:
        """No objections: a file takes what the preflight let pass."""
        return ()

    def commit(self, stage_id: str, plan: CommitPlan, receipt: Receipt) -> Receipt:
        """Makes the plan current and puts its file in place; gives the receipt that stands.

        Raises InputError when the plan is not the staged one or the file cannot be written (nothing is changed
        then), Refusal when another roster came into force meanwhile, ServiceError when the commit is recorded and
        its file could not be put in place.
        """
        if stage_id != plan.digest:
            raise InputError("This is not the plan that was staged. Stage it again before you commit.")
        try:
            written = self._write_beside(oneroster_zip(receipt, plan.rows))
        except OSError as error:
            raise InputError(f"{self._path} cannot be written: {error.strerror or error}.") from error
        try:
            stands = self._ledger.commit(plan, receipt)
            if stands == receipt:
                self._put_in_place(written)
        finally:
            written.unlink(missing_ok=True)
        # Where somebody else committed the same plan first, the file must hold theirs.
        return stands if stands == receipt else self.receipt_for(plan.district_id, plan.digest) or stands

    def _in_force(self, receipt: Receipt) -> bool:
        in_force = self._ledger.current_receipts(receipt.district_id)
        return any(current.receipt_id == receipt.receipt_id for current in in_force)

    def _holds(self, receipt: Receipt) -> bool:
        """Whether the file is that roster's; it is whole if it is there at all, so its comment is enough."""
        try:
            with zipfile.ZipFile(self._path) as opened:
                return opened.comment == receipt.digest.encode()
        except (OSError, zipfile.BadZipFile):
            return False

    def _complete(self, receipt: Receipt) -> None:
        try:
            written = self._write_beside(oneroster_zip(receipt, self._ledger.rows(receipt.receipt_id)))
        except OSError as error:
            raise self._unwritten(error) from error
        try:
            self._put_in_place(written)
        finally:
            written.unlink(missing_ok=True)

    def _write_beside(self, content: bytes) -> Path:
        """Writes a new file in the folder of the zip and through to the disk. Raises OSError, leaving nothing."""
        self._sweep()
        handle, name = tempfile.mkstemp(prefix=f".{self._path.name}.", suffix=".part", dir=self._path.parent)
        try:
            with os.fdopen(handle, "wb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(opened.fileno())
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return Path(name)

    def _put_in_place(self, written: Path) -> None:
        try:
            os.replace(written, self._path)
        except OSError as error:
            raise self._unwritten(error) from error

    def _unwritten(self, error: OSError) -> ServiceError:
        return ServiceError(
            f"The roster is recorded, but {self._path} cannot be written: {error.strerror or error}. "
            "Commit the same roster again, and only the file is written."
        )

    def _sweep(self) -> None:
        """Deletes what killed processes left beside this file: it holds children's data."""
        before = time.time() - _ABANDONED
        for left in self._path.parent.glob(f".{glob.escape(self._path.name)}.*.part"):
            # Another process may be quicker.
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < before:
                    left.unlink()

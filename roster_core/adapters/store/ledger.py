"""What was committed: immutable receipts, the rows of each, and which receipt is current for a district and target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import NoReturn

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from roster_core.adapters.store.activity import record, refuse_deleted
from roster_core.adapters.store.database import Database, moment_for_people
from roster_core.adapters.store.notes import hash_of_note, keep_note
from roster_core.adapters.store.rule_sets import hash_of_rules, version_of
from roster_core.adapters.store.schema import current_rosters, notes, receipts, rostered_rows
from roster_core.commit import Receipt
from roster_core.errors import InputError, Refusal, ServiceError
from roster_core.plan import ROW_COLUMNS, CommitPlan, CurrentRoster

# Rows handed to the database at a time: enough to be fast, few enough to be small beside the roster itself.
_BATCH_ROWS = 10_000
_ROW_SCHEMA = pa.schema([(name, pa.large_string()) for name in ROW_COLUMNS])


class Ledger:
    """The receipts and rostered rows of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self, district_id: str, target: str) -> CurrentRoster | None:
        """The roster in force for that district and target, with its rows; None where nothing was committed."""
        with self._database.read() as connection:
            receipt = connection.execute(_current(district_id, target)).one_or_none()
            if receipt is None:
                return None
            return _roster_of(connection, receipt)

    def receipt_for(self, district_id: str, target: str, digest: str) -> Receipt | None:
        """The receipt of the plan with that digest, current or not; None where it was never committed."""
        with self._database.read() as connection:
            row = connection.execute(_receipt_for(district_id, target, digest)).one_or_none()
        return None if row is None else _receipt_of(row)

    def receipt(self, receipt_id: str) -> Receipt | None:
        """That receipt, or None."""
        with self._database.read() as connection:
            row = connection.execute(_receipts().where(receipts.c.receipt_id == receipt_id)).one_or_none()
        return None if row is None else _receipt_of(row)

    def receipts(self, district_id: str | None = None) -> list[Receipt]:
        """Receipts, newest first; of one district, or of all."""
        query = _receipts().order_by(receipts.c.number.desc())
        if district_id is not None:
            query = query.where(receipts.c.district_id == district_id)
        with self._database.read() as connection:
            return [_receipt_of(row) for row in connection.execute(query)]

    def current_receipts(self, district_id: str | None = None) -> list[Receipt]:
        """The receipts in force, one for each district and target, without their rows; newest first."""
        query = _receipts().join(current_rosters).order_by(receipts.c.number.desc())
        if district_id is not None:
            query = query.where(receipts.c.district_id == district_id)
        with self._database.read() as connection:
            return [_receipt_of(row) for row in connection.execute(query)]

    def committed(self, receipt_id: str) -> CurrentRoster:
        """The roster committed with that receipt, in force or not: what a restore starts from.

        Raises InputError for an unknown receipt, and when its rows were purged.
        """
        with self._database.read() as connection:
            receipt = connection.execute(_receipts().where(receipts.c.receipt_id == receipt_id)).one_or_none()
            if receipt is None:
                raise InputError(f"There is no receipt '{receipt_id}' here. See the list of receipts.")
            return _roster_of(connection, receipt)

    def rows(self, receipt_id: str) -> pd.DataFrame:
        """The rows committed with that receipt: columns `ROW_COLUMNS`, all `str`, one a student, by student id.

        Raises InputError for an unknown receipt, and when its rows were purged.
        """
        return self.committed(receipt_id).rows

    def commit(self, plan: CommitPlan, receipt: Receipt, *, began: int | None = None) -> Receipt:
        """Makes the plan's rows current and keeps the receipt, in one transaction: all of it, or nothing.

        Gives the receipt that exists where this digest was committed before. Raises Refusal when the roster in force
        is no longer the one the plan was made against, or the district was deleted after the entry `began` of the log.
        """
        rows = _checked(plan.rows)
        with self._database.write() as connection:
            known = connection.execute(_receipt_for(plan.district_id, plan.target, plan.digest)).one_or_none()
            if known is not None:
                return _receipt_of(known)
            if began is not None:
                refuse_deleted(connection, plan.district_id, began)
            current = connection.execute(_current(plan.district_id, plan.target)).one_or_none()
            if ("" if current is None else current.receipt_id) != plan.current_receipt_id:
                raise Refusal(_moved(current))
            _keep(connection, receipt, rows)
            _point_at(connection, plan, receipt.receipt_id)
        return receipt

    def keep(self, receipt: Receipt, rows: pd.DataFrame) -> None:
        """Records a commit made elsewhere that is no longer in force; one that is known is left as it is."""
        checked = _checked(rows)
        with self._database.write() as connection:
            if not _is_known(connection, receipt):
                _keep(connection, receipt, checked)

    def follow(self, receipt: Receipt, rows: pd.DataFrame, *, instead_of: str) -> None:
        """Records what a target elsewhere has in force, in one transaction; a receipt that is known is not repeated.

        `instead_of`: the receipt that was in force here when the target was asked, '' for none. Where another one
        came meanwhile, the answer is out of date, and what is in force here stays.
        """
        checked = _checked(rows)
        with self._database.write() as connection:
            if not _is_known(connection, receipt):
                _keep(connection, receipt, checked)
            current = connection.execute(_current(receipt.district_id, receipt.target)).one_or_none()
            if ("" if current is None else current.receipt_id) == instead_of:
                _withdraw(connection, receipt.district_id, receipt.target)
                own = {"district_id": receipt.district_id, "target": receipt.target}
                connection.execute(insert(current_rosters).values(**own, receipt_id=receipt.receipt_id))

    def withdraw(self, district_id: str, target: str) -> None:
        """Records that a target elsewhere has no roster of the district in force. Receipts and rows stay."""
        with self._database.write() as connection:
            _withdraw(connection, district_id, target)


def purge_rows(connection: Connection, before: datetime) -> list[tuple[str, str, int]]:
    """Deletes the rows of receipts committed before that moment, but never of one in force; the receipts stay.

    Gives (district id, receipt id, how many rows) of each that lost its rows.
    """
    in_force = select(current_rosters.c.receipt_id)
    replaced = select(receipts).where(receipts.c.receipt_id.not_in(in_force)).order_by(receipts.c.number)
    emptied = []
    for row in connection.execute(replaced).all():
        if datetime.fromisoformat(row.committed_at) < before:
            own = rostered_rows.c.receipt_number == row.number
            if count := connection.execute(delete(rostered_rows).where(own)).rowcount:
                emptied.append((row.district_id, row.receipt_id, count))
    return emptied


def _receipts() -> Select[tuple]:
    """Every receipt, with the words of its approval in place of the note that holds them."""
    told = [column for column in receipts.c if column is not receipts.c.approval]
    words = func.coalesce(notes.c.text, "").label("approval")
    return select(*told, words).select_from(receipts).outerjoin(notes, receipts.c.approval == notes.c.id)


def _current(district_id: str, target: str) -> Select[tuple]:
    named = (current_rosters.c.district_id == district_id) & (current_rosters.c.target == target)
    return _receipts().join(current_rosters).where(named)


def _receipt_for(district_id: str, target: str, digest: str) -> Select[tuple]:
    named = (receipts.c.district_id == district_id) & (receipts.c.target == target) & (receipts.c.digest == digest)
    return _receipts().where(named)


def _receipt_of(row: Row) -> Receipt:
    return Receipt(**{field.name: row._mapping[field.name] for field in fields(Receipt)})


def _roster_of(connection: Connection, receipt: Row) -> CurrentRoster:
    return CurrentRoster(
        receipt_id=receipt.receipt_id,
        rows=_rows_of(connection, receipt),
        rule_set_json=receipt.rule_set_json,
        digest=receipt.digest,
        fingerprint=receipt.fingerprint,
        district_name=receipt.district_name,
    )


def _rows_of(connection: Connection, receipt: Row) -> pd.DataFrame:
    own = rostered_rows.c.receipt_number == receipt.number
    query = select(*(rostered_rows.c[name] for name in ROW_COLUMNS)).where(own)
    found = connection.execute(query.execution_options(yield_per=_BATCH_ROWS))
    batches = [_batch_of(rows) for rows in found.partitions()]
    table = pa.Table.from_batches(batches, _ROW_SCHEMA)
    if len(table) != receipt.students:
        _tell_missing(len(table), receipt)
    # Sorted here, not by the database, whose order of texts depends on how it was set up.
    return table.sort_by("student_id").to_pandas()


def _batch_of(rows: Sequence[Row]) -> pa.RecordBatch:
    return pa.record_batch([pa.array(column, pa.large_string()) for column in zip(*rows, strict=True)], _ROW_SCHEMA)


def _tell_missing(found: int, receipt: Row) -> NoReturn:
    if not found:
        raise InputError(
            f"The rows of receipt {receipt.receipt_id} were purged, so it cannot be shown or restored. "
            "Load the district and commit it anew."
        )
    raise ServiceError(
        f"The database holds {found:,} of the {receipt.students:,} rows of receipt {receipt.receipt_id}. "
        "Restore the database from a backup."
    )


def _checked(rows: pd.DataFrame) -> pa.Table:
    table = pa.Table.from_pandas(rows[list(ROW_COLUMNS)], preserve_index=False)
    for name in ROW_COLUMNS:
        column = table.column(name)
        # PostgreSQL keeps no such text, and a database's own complaint would quote the row.
        if column.null_count or pc.any(pc.match_substring(column, "\x00")).as_py():
            raise InputError(f"A cell of '{name}' is missing or holds a NUL character. Mend it in the source.")
    return table


def _batches(rows: pa.Table, number: int) -> Iterator[list[dict[str, object]]]:
    numbered = rows.append_column("receipt_number", pa.repeat(number, len(rows)))
    for batch in numbered.to_batches(max_chunksize=_BATCH_ROWS):
        # Rows that were put together may bring an empty batch along, which no database takes.
        if len(batch):
            yield batch.to_pylist()


def _is_known(connection: Connection, receipt: Receipt) -> bool:
    found = _receipt_for(receipt.district_id, receipt.target, receipt.digest)
    return connection.execute(found).one_or_none() is not None


def _keep(connection: Connection, receipt: Receipt, rows: pa.Table) -> None:
    """The receipt, its rows, and a line in the activity log; in the caller's transaction."""
    at = datetime.fromisoformat(receipt.committed_at)
    reason = keep_note(connection, receipt.district_id, receipt.approval, actor=receipt.committed_by, now=at)
    added = insert(receipts).values(**{**asdict(receipt), "approval": reason}).returning(receipts.c.number)
    number = connection.execute(added).scalar_one()
    for batch in _batches(rows, number):
        connection.execute(insert(rostered_rows), batch)
    _record_commit(connection, receipt, at, hash_of_note(connection, reason))


def _withdraw(connection: Connection, district_id: str, target: str) -> None:
    connection.execute(delete(current_rosters).filter_by(district_id=district_id, target=target))


def _moved(current: Row | None) -> str:
    if current is None:
        return "The roster this plan was made against was deleted meanwhile. Nothing was changed. Make a new plan."
    return (
        f"{current.committed_by or 'Somebody'} committed another roster at {moment_for_people(current.committed_at)}, "
        f"after this plan was made. Receipt {current.receipt_id} is in force and was not changed. Make a new plan."
    )


def _point_at(connection: Connection, plan: CommitPlan, receipt_id: str) -> None:
    own = {"district_id": plan.district_id, "target": plan.target}
    if not plan.current_receipt_id:
        connection.execute(insert(current_rosters).values(**own, receipt_id=receipt_id))
        return
    moved = connection.execute(
        update(current_rosters).filter_by(**own, receipt_id=plan.current_receipt_id).values(receipt_id=receipt_id)
    )
    if moved.rowcount != 1:
        raise Refusal("Another roster was committed after this plan was made. Nothing was changed. Make a new plan.")


def _record_commit(connection: Connection, receipt: Receipt, at: datetime, reason: str) -> None:
    kept = ("receipt_id", "digest", "target", "fingerprint", "students", "added", "moved", "updated", "removed")
    version = version_of(connection, receipt.district_id, receipt.rule_set_json)
    rules: dict[str, str | int] = {"rules_version": version, "rules_hash": hash_of_rules(receipt.rule_set_json)}
    rules |= {"approval_hash": reason} if reason else {}
    record(
        connection,
        now=at,
        actor=receipt.committed_by,
        district_id=receipt.district_id,
        action=receipt.kind,
        detail=rules | {name: getattr(receipt, name) for name in kept},
    )

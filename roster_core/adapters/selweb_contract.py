"""SELweb's roster service as docs/selweb-roster-service.md has it: addresses, bodies, and what an answer may say.

The one file that changes with the contract. Nothing here asks anything; what is not as agreed is a ValueError, which
the gateway takes for half an answer.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.commit import Receipt
from roster_core.errors import InputError
from roster_core.findings import Finding
from roster_core.plan import ROW_COLUMNS, CommitPlan
from roster_core.roster import ID_SEPARATOR
from roster_core.vocabulary import text_array

#: What plans and receipts of this target are called.
TARGET = "http"
FORMAT = "selweb-roster/1"
#: Rows in one body; the contract allows no more. About 8 MB of JSON, 1 to 2 MB packed.
ROWS_A_PART = 25_000

#: The states of a roster once it was the one in force, and every state.
COMMITTED = ("committed", "replaced")
STATES = ("staged", "committing", *COMMITTED)

#: The error codes that need another word than the service's own.
MOVED = "current-roster-moved"

#: What to do about a status, beside what holds for every service.
ADVICE = {
    404: "It does not know this address or this district. Check SELWEB_URL and the district's id.",
    413: "It takes smaller bodies than agreed. Tell whoever runs it.",
}


@dataclass(frozen=True, slots=True)
class RemoteRoster:
    """What the service says of one roster. `received`: the parts it has; `receipt`: None until it is committed."""

    digest: str
    state: str
    parts: int
    received: frozenset[int]
    receipt: Receipt | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a district's roster stands at the service; an empty digest is the one in force."""

    district_id: str
    digest: str = ""

    @property
    def rosters(self) -> str:
        """The path of the district's rosters. Raises InputError for an id no path can hold."""
        if self.district_id in ("", ".", ".."):
            raise InputError(f"District id '{self.district_id}' cannot be part of an address. Give it another id.")
        return f"/v1/districts/{quote(self.district_id, safe='')}/rosters"

    @property
    def path(self) -> str:
        """The path of the roster."""
        return f"{self.rosters}/{quote(self.digest or 'current', safe='')}"

    def read(self, body: bytes) -> RemoteRoster | None:
        """The roster in an answer; None where there is none. Raises ValueError for an answer to another question."""
        try:
            told = json.loads(body)["roster"]
            if told is None:
                return None
            digest, state, receipt = told["digest"], told["state"], told["receipt"]
            if told["district_id"] != self.district_id or (self.digest and digest != self.digest):
                raise ValueError("the answer is about another roster")
            if state not in STATES or (state in COMMITTED) != (receipt is not None):
                raise ValueError("the answer contradicts itself")
            if not self.digest and state != "committed":
                raise ValueError("what is in force is committed")
            known = receipt and _receipt(receipt, self.district_id, digest)
            return RemoteRoster(digest, state, int(told["parts"]), frozenset(told["received"]), known)
        except (KeyError, TypeError) as error:
            raise ValueError("the answer is not what was agreed") from error

    def with_part(self, number: int) -> Callable[[bytes], RemoteRoster]:
        """What reads an answer as `read` does, and raises ValueError where the roster has not got that part."""

        def read(body: bytes) -> RemoteRoster:
            roster = self.read(body)
            if roster is None or number not in roster.received:
                raise ValueError("the part is not there")
            return roster

        return read


def manifest(plan: CommitPlan) -> dict[str, Any]:
    """The body that stages a plan: what will come, without a row of it."""
    parts = len(range(0, len(plan.rows), ROWS_A_PART))
    said = {"format": FORMAT, "digest": plan.digest, "kind": plan.kind}
    return {**said, "students": len(plan.rows), "parts": parts}


def commit_body(plan: CommitPlan, receipt: Receipt) -> dict[str, Any]:
    """The body that commits a staged plan."""
    return {"expected_current": plan.current_receipt_id or None, "receipt": asdict(receipt)}


def read_findings(body: bytes, digest: str) -> tuple[Finding, ...]:
    """The objections in the answer to a remote preflight of that roster. Raises ValueError."""
    told = json.loads(body)
    try:
        if told["digest"] != digest:
            raise ValueError("the answer is about another roster")
        return tuple(_finding(one) for one in told["findings"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("the answer is not what was agreed") from error


def read_error(body: bytes) -> tuple[str, str, list[Finding]]:
    """Code, message and findings of an error body; empty where it is none."""
    try:
        error = json.loads(body)["error"]
        findings = [_finding(one) for one in error.get("findings") or ()]
        return str(error["code"]), str(error["message"]), findings
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", "", []


def part_body(digest: str, number: int, rows: pd.DataFrame) -> bytes:
    """A part of a roster's rows as gzip'd JSON; the same bytes for the same rows."""
    columns: dict[str, list[Any]] = {name: text_array(rows[name]).to_pylist() for name in ROW_COLUMNS[:-1]}
    others = text_array(rows[ROW_COLUMNS[-1]])
    some = pc.if_else(pc.equal(others, ""), None, others)
    columns[ROW_COLUMNS[-1]] = pc.split_pattern(some, ID_SEPARATOR).to_pylist()
    content = {"digest": digest, "part": number, "columns": columns}
    # Without a time in its header a part sent twice is the same bytes twice.
    return gzip.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), 6, mtime=0)


def part_reader(digest: str, number: int) -> Callable[[bytes], pd.DataFrame]:
    """What reads part `number` of a roster; it raises ValueError for anything else."""

    def read(body: bytes) -> pd.DataFrame:
        told = json.loads(body)
        try:
            if (told["digest"], told["part"]) != (digest, number):
                raise ValueError("the answer is another part")
            return pd.DataFrame(dict(_columns(told["columns"])))
        except (KeyError, TypeError) as error:
            raise ValueError("the answer is not what was agreed") from error

    return read


def no_rows() -> pd.DataFrame:
    """Rows as parts have them, none."""
    return pd.DataFrame({name: pd.array([], dtype="str") for name in ROW_COLUMNS})


def _receipt(told: dict[str, Any], district_id: str, digest: str) -> Receipt:
    """A receipt as the service holds it. Raises ValueError where it is no receipt, or of another roster."""
    receipt = Receipt(**{field.name: told[field.name] for field in fields(Receipt)})
    for field in fields(Receipt):
        if type(getattr(receipt, field.name)).__name__ != field.type:
            raise ValueError(f"{field.name} is no {field.type}")
    if (receipt.district_id, receipt.digest, receipt.target) != (district_id, digest, TARGET):
        raise ValueError("the receipt is of another roster")
    if datetime.fromisoformat(receipt.committed_at).tzinfo is None:
        raise ValueError("committed_at has no offset")
    return receipt


def _finding(told: dict[str, Any]) -> Finding:
    ids = [tuple(str(one) for one in told.get(name) or ()) for name in ("student_ids", "section_ids")]
    owner = told.get("owner")
    # A word nobody agreed on blocks: to commit over it would be the worse mistake.
    severity = "warning" if told["severity"] == "warning" else "blocker"
    owner = owner if owner in ("us", "district", "Clever") else "us"
    return Finding(str(told["code"]), severity, owner, ids[0], ids[1], str(told["message"]))


def _columns(told: dict[str, list[Any]]) -> Iterator[tuple[str, pd.api.extensions.ExtensionArray]]:
    for name in ROW_COLUMNS[:-1]:
        cells = pa.array(told[name], pa.large_string())
        if cells.null_count:
            raise ValueError(f"a cell of {name} is missing")
        yield name, pd.array(cells, dtype="str")
    lists = pa.array(told[ROW_COLUMNS[-1]], pa.large_list(pa.large_string()))
    joined = pc.binary_join(lists, pa.scalar(ID_SEPARATOR, pa.large_string()))
    yield ROW_COLUMNS[-1], pd.array(pc.fill_null(joined, ""), dtype="str")

"""What SELweb said of a district's students, as it was last brought in. No names: ids, codes and words only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from roster_core.adapters.store.activity import record
from roster_core.adapters.store.database import Database, moment_text
from roster_core.adapters.store.schema import told_findings
from roster_core.findings import Finding


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """The list as it was brought in, by whom and when."""

    at: datetime
    actor: str
    findings: tuple[Finding, ...]


class ToldFindings:
    """The lists of one store, one a district."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, district_id: str, findings: tuple[Finding, ...], *, actor: str, now: datetime) -> None:
        """Keeps this list instead of the last one; an empty one forgets it. Recorded in the activity log."""
        with self._database.write() as connection:
            connection.execute(delete(told_findings).where(told_findings.c.district_id == district_id))
            if findings:
                listed = json.dumps([asdict(finding) for finding in findings])
                told = {"district_id": district_id, "at": moment_text(now), "actor": actor, "findings": listed}
                connection.execute(insert(told_findings).values(**told))
            detail = {"findings": len(findings)}
            record(connection, now=now, actor=actor, district_id=district_id, action="selweb-said", detail=detail)
        self._database.forget_deleted()

    def get(self, district_id: str) -> BroughtIn | None:
        """The list of a district; None where none was brought in."""
        with self._database.read() as connection:
            own = select(told_findings).where(told_findings.c.district_id == district_id)
            row = connection.execute(own).one_or_none()
        if row is None:
            return None
        findings = [
            Finding(**one | {name: tuple(one[name]) for name in ("student_ids", "section_ids")})
            for one in json.loads(row.findings)
        ]
        return BroughtIn(datetime.fromisoformat(row.at), row.actor, tuple(findings))


def purge_told(connection: Connection, before: datetime) -> int:
    """Deletes the lists brought in before that moment; gives how many."""
    return connection.execute(delete(told_findings).where(told_findings.c.at < moment_text(before))).rowcount

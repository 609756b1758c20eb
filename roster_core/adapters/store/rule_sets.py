"""Rule sets by district: every saved version, and one shared draft, each guarded against overwriting unseen work."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, and_, func, insert, select, update

from roster_core.adapters.store.activity import Detail, record, refuse_deleted
from roster_core.adapters.store.authors import authors_after, authors_of, authors_text, last_authors, people_in
from roster_core.adapters.store.database import Database, moment_for_people, moment_text
from roster_core.adapters.store.schema import drafts, rosters, rule_set_versions
from roster_core.adapters.store.scopes import reduce_rosters, scope_in
from roster_core.errors import Refusal
from roster_core.new_window import carried_rules
from roster_core.rules import RuleSet


@dataclass(frozen=True, slots=True)
class SavedRuleSet:
    """One saved version of a district's rule set; versions count from 1."""

    version: int
    rule_set: RuleSet
    saved_at: datetime
    saved_by: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What is being edited. The rules are text, because a draft may be unfinished."""

    rule_set_json: str
    based_on_version: int
    edited_at: datetime
    edited_by: str
    revision: int


class RuleSets:
    """The rule sets of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(
        self,
        district_id: str,
        rule_set: RuleSet,
        *,
        expected_version: int,
        actor: str,
        now: datetime,
        began: int | None = None,
    ) -> int:
        """Adds a version and gives its number; unchanged rules give the newest version's.

        `expected_version` is the newest version the person has seen, 0 for none. Raises Refusal when somebody has
        saved another since, or the district was deleted after the entry `began` of the log.
        """
        text = rule_set.to_json()
        with self._database.write() as connection:
            if began is not None:
                refuse_deleted(connection, district_id, began)
            newest = connection.execute(_versions_of(district_id).limit(1)).one_or_none()
            if newest is not None and newest.rule_set_json == text:
                return newest.version
            version = 0 if newest is None else newest.version
            if version != expected_version:
                raise Refusal(_outrun(f"version {expected_version}", newest))
            _add_version(connection, district_id, version + 1, text, actor=actor, now=now)
            lost = reduce_rosters(connection, district_id, actor=actor, now=now)
        if lost:
            self._database.forget_deleted()
        return version + 1

    def get(self, district_id: str, version: int | None = None) -> SavedRuleSet | None:
        """That version, or the newest; None where there is none."""
        query = _versions_of(district_id).limit(1)
        if version is not None:
            query = query.where(rule_set_versions.c.version == version)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _saved_of(row)

    def in_use(self, district_id: str) -> str:
        """The rules colleagues see, as text, which may be unfinished: the draft, else the newest saved; '' for none."""
        with self._database.read() as connection:
            return texts_in_use(connection, district_id).get(district_id, "")

    def versions(self, district_id: str) -> list[SavedRuleSet]:
        """Every version, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(_versions_of(district_id)).all()
        return [_saved_of(row) for row in rows]

    def authors_of(self, district_id: str, rule_set_json: str) -> tuple[str, ...]:
        """Everybody who changed the rules since the version before, where that led to exactly these; else nobody."""
        with self._database.read() as connection:
            return authors_of(connection, district_id, rule_set_json)

    def last_authors(self, district_id: str) -> tuple[str, ...]:
        """Everybody who changed a district's rules since the version before, whatever they are now."""
        with self._database.read() as connection:
            return last_authors(connection, district_id)

    def draft(self, district_id: str) -> Draft | None:
        """What is being edited for that district; None where nothing is."""
        with self._database.read() as connection:
            row = _draft_row(connection, district_id)
        if row is None:
            return None
        edited_at = datetime.fromisoformat(row.edited_at)
        return Draft(row.rule_set_json, row.based_on_version, edited_at, row.edited_by, row.revision)

    def save_draft(
        self,
        district_id: str,
        rule_set_json: str,
        *,
        expected_revision: int,
        actor: str,
        now: datetime,
        based_on_version: int | None = None,
    ) -> int:
        """Keeps the draft and gives its revision.

        `expected_revision` is that of the draft the person has seen, 0 for none; revisions only
        grow. `based_on_version` is the saved version the draft started from; None leaves it as
        it is, and starts a new draft from the newest version. Raises Refusal when somebody has edited since.
        """
        with self._database.write() as connection:
            row = _draft_row(connection, district_id)
            _refuse_unseen_edit(row, expected_revision)
            if based_on_version is None:
                based_on_version = _base(connection, district_id, row)
            edited = {"edited_at": moment_text(now), "edited_by": actor, "based_on_version": based_on_version}
            if row is not None and row.rule_set_json == rule_set_json:
                # Keeping a draft as it stands makes nobody its editor.
                edited |= {"edited_at": row.edited_at, "edited_by": row.edited_by}
            edited["authors"] = authors_after(connection, district_id, rule_set_json, actor)
            revision = _put_draft(connection, district_id, row, {**edited, "rule_set_json": rule_set_json})
            before = None if row is None else scope_in(row.rule_set_json)
            # Most edits change a rule and not who is assessed.
            moved = before != scope_in(rule_set_json)
            lost = reduce_rosters(connection, district_id, actor=actor, now=now) if moved else 0
        if lost:
            self._database.forget_deleted()
        return revision


def hash_of_rules(rule_set_json: str) -> str:
    """What the activity log keeps of rules: the SHA-256 of their text, which proves them and tells nothing."""
    return hashlib.sha256(rule_set_json.encode()).hexdigest()


def texts_in_use(connection: Connection, district_id: str | None = None) -> dict[str, str]:
    """The rules colleagues see, as text, by district id: of one district, or of all that have any."""
    own = select(rule_set_versions.c.district_id, func.max(rule_set_versions.c.version).label("version"))
    newest = own.group_by(rule_set_versions.c.district_id).subquery()
    of_newest = and_(
        rule_set_versions.c.district_id == newest.c.district_id, rule_set_versions.c.version == newest.c.version
    )
    saved = select(rule_set_versions.c.district_id, rule_set_versions.c.rule_set_json).join(newest, of_newest)
    edited = select(drafts.c.district_id, drafts.c.rule_set_json)
    if district_id is not None:
        saved = saved.where(rule_set_versions.c.district_id == district_id)
        edited = edited.where(drafts.c.district_id == district_id)
    rows = [*connection.execute(saved), *connection.execute(edited)]
    return {row.district_id: row.rule_set_json for row in rows}


def version_of(connection: Connection, district_id: str, rule_set_json: str) -> int:
    """The newest saved version with exactly these rules; 0 where they were not saved."""
    same = _versions_of(district_id).where(rule_set_versions.c.rule_set_json == rule_set_json).limit(1)
    row = connection.execute(same).one_or_none()
    return 0 if row is None else row.version


def _newest_fingerprint(connection: Connection, district_id: str) -> str:
    """The fingerprint of the roster these rules were made for, as far as one is stored."""
    own = select(rosters.c.fingerprint).where(rosters.c.district_id == district_id)
    return connection.execute(own.order_by(rosters.c.saved.desc()).limit(1)).scalar_one_or_none() or ""


def put_pins_away(connection: Connection, district_id: str, *, actor: str, now: datetime) -> None:
    """The newest saved rules and the draft of a district without their pins, in the caller's transaction.

    Saved rules get a new version; versions before it stay as they are.
    """
    newest = connection.execute(_versions_of(district_id).limit(1)).one_or_none()
    if newest is not None and (carried := _without_pins(newest.rule_set_json)) != newest.rule_set_json:
        _add_version(connection, district_id, newest.version + 1, carried, actor=actor, now=now)
    row = _draft_row(connection, district_id)
    if row is not None and (carried := _without_pins(row.rule_set_json)) != row.rule_set_json:
        edited = {"edited_at": moment_text(now), "edited_by": actor, "based_on_version": row.based_on_version}
        edited["authors"] = authors_text((*people_in(row), actor))
        _put_draft(connection, district_id, row, {**edited, "rule_set_json": carried})


def _without_pins(rule_set_json: str) -> str:
    return carried_rules(RuleSet.from_json(rule_set_json)).to_json()


def _add_version(
    connection: Connection, district_id: str, version: int, text: str, *, actor: str, now: datetime
) -> None:
    saved = {"rule_set_json": text, "saved_at": moment_text(now), "saved_by": actor}
    saved["authors"] = authors_after(connection, district_id, text, actor)
    connection.execute(insert(rule_set_versions).values(district_id=district_id, version=version, **saved))
    newest = _newest_fingerprint(connection, district_id)
    detail: Detail = {"version": version, "rules_hash": hash_of_rules(text), "fingerprint": newest}
    record(connection, now=now, actor=actor, district_id=district_id, action="save-rule-set", detail=detail)


def _versions_of(district_id: str) -> Select[tuple]:
    own = select(rule_set_versions).where(rule_set_versions.c.district_id == district_id)
    return own.order_by(rule_set_versions.c.version.desc())


def _saved_of(row: Row) -> SavedRuleSet:
    rule_set = RuleSet.from_json(row.rule_set_json)
    return SavedRuleSet(row.version, rule_set, datetime.fromisoformat(row.saved_at), row.saved_by)


def _outrun(seen: str, newest: Row | None) -> str:
    if newest is None:
        return "These rules were deleted while you were editing. Reload the page before you save."
    return (
        f"{newest.saved_by or 'Somebody'} saved version {newest.version} at {moment_for_people(newest.saved_at)}, "
        f"after the {seen} that you started from. Nothing was overwritten. Open version {newest.version}, "
        "make your change there and save again."
    )


def _draft_row(connection: Connection, district_id: str) -> Row | None:
    return connection.execute(select(drafts).where(drafts.c.district_id == district_id)).one_or_none()


def _refuse_unseen_edit(row: Row | None, expected_revision: int) -> None:
    if (0 if row is None else row.revision) == expected_revision:
        return
    if row is None:
        raise Refusal("This draft was deleted while you were editing. Reload the page to start from what is saved.")
    raise Refusal(
        f"{row.edited_by or 'Somebody'} edited this draft at {moment_for_people(row.edited_at)}, after you opened it. "
        "Nothing was overwritten. Reload the page and make your change there."
    )


def _base(connection: Connection, district_id: str, row: Row | None) -> int:
    if row is not None:
        return row.based_on_version
    newest = connection.execute(_versions_of(district_id).limit(1)).one_or_none()
    return 0 if newest is None else newest.version


def _put_draft(connection: Connection, district_id: str, row: Row | None, values: Mapping[str, object]) -> int:
    if row is None:
        connection.execute(insert(drafts).values(district_id=district_id, revision=1, **values))
        return 1
    revision = row.revision + 1
    own = update(drafts).where(drafts.c.district_id == district_id)
    connection.execute(own.values(revision=revision, **values))
    return revision

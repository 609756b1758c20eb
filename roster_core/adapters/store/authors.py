"""Who changed rules: the people a draft or a saved version comes from, so that none of them approves it alone."""

from __future__ import annotations

import json

from sqlalchemy import Connection, Row, select

from roster_core.adapters.store.schema import drafts, rule_set_versions


def authors_of(connection: Connection, district_id: str, rule_set_json: str) -> tuple[str, ...]:
    """Everybody who changed rules since the version before, where that led to exactly these.

    The newest version's own, or those of the draft; nobody for other rules, since taking up an earlier version is a
    change too, and not one of whoever saved it then.
    """
    found = (_newest(connection, district_id), _draft(connection, district_id))
    return next((people_in(row) for row in found if row is not None and row.rule_set_json == rule_set_json), ())


def last_authors(connection: Connection, district_id: str) -> tuple[str, ...]:
    """Everybody who changed a district's rules since the version before, whatever they are now; nobody for none."""
    newest, draft = _newest(connection, district_id), _draft(connection, district_id)
    if draft is None or (newest is not None and newest.rule_set_json == draft.rule_set_json):
        return () if newest is None else people_in(newest)
    return people_in(draft)


def authors_after(connection: Connection, district_id: str, rule_set_json: str, actor: str) -> str:
    """Who a new version or draft of these rules comes from, as the store keeps it, when `actor` keeps it.

    Rules as they stand in the draft are the work of those who made the draft so: keeping them makes nobody an author.
    Other rules are the actor's, and of those who changed them since the newest version.
    """
    draft, newest = _draft(connection, district_id), _newest(connection, district_id)
    if draft is None:
        return authors_text((actor,))
    if draft.rule_set_json == rule_set_json:
        return authors_text(people_in(draft))
    started = newest is not None and newest.rule_set_json == draft.rule_set_json
    return authors_text((actor,) if started else (*people_in(draft), actor))


def people_in(row: Row) -> tuple[str, ...]:
    """The authors in a row of a draft or version; of one from before they were kept, who edited or saved it last."""
    kept = tuple(json.loads(row.authors))
    last = row.edited_by if "edited_by" in row._fields else row.saved_by
    return kept or ((last,) if last else ())


def authors_text(people: tuple[str, ...]) -> str:
    """People as the store keeps them, each once, in the order they came."""
    return json.dumps([each for each in dict.fromkeys(people) if each])


def _newest(connection: Connection, district_id: str) -> Row | None:
    own = select(rule_set_versions).where(rule_set_versions.c.district_id == district_id)
    return connection.execute(own.order_by(rule_set_versions.c.version.desc()).limit(1)).one_or_none()


def _draft(connection: Connection, district_id: str) -> Row | None:
    return connection.execute(select(drafts).where(drafts.c.district_id == district_id)).one_or_none()

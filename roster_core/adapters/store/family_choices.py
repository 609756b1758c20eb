"""Which families of section names the reviewers of a district take as one, and which they leave apart."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import delete, insert, select

from roster_core.adapters.store.database import Database, moment_text
from roster_core.adapters.store.schema import family_choices


class FamilyChoices:
    """What was said of near families in one store; the last word of a group of families holds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, district_id: str) -> dict[tuple[str, ...], bool]:
        """Each group of families, by its keys, that somebody spoke of: whether it is one. In the order it was said."""
        own = select(family_choices).where(family_choices.c.district_id == district_id)
        with self._database.read() as connection:
            rows = connection.execute(own.order_by(family_choices.c.said_at, family_choices.c["keys"])).all()
        return {tuple(json.loads(row[1])): bool(row[2]) for row in rows}

    def say(
        self, district_id: str, keys: tuple[str, ...], *, merged: bool | None, actor: str, now: datetime
    ) -> None:
        """Keeps that this group is one family, or is not; None forgets what was said of it."""
        text = json.dumps(list(keys), ensure_ascii=False)
        same = (family_choices.c.district_id == district_id, family_choices.c["keys"] == text)
        with self._database.write() as connection:
            connection.execute(delete(family_choices).where(*same))
            if merged is not None:
                said = {"district_id": district_id, "keys": text, "merged": int(merged)}
                said |= {"said_at": moment_text(now), "said_by": actor}
                connection.execute(insert(family_choices).values(**said))

"""The people of a OneRoster export: who is a student, who may teach, and who does not count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from roster_core.adapters.columns import among, as_text, chosen, first_items, joined_schools, list_items, renamed
from roster_core.assembly import Table
from roster_core.roster import ID_SEPARATOR, id_codes
from roster_core.vocabulary import normalise_birthdate, text_array

_GONE = ("tobedeleted", "inactive")  # OneRoster 1.0 wrote `inactive`, and some exports still do.
_NO = ("false", "0", "no")


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """The students as `assemble` takes them, and who of the others may teach or does not count."""

    students: Table
    _alive: Table
    _dead: pd.Series
    _teachers: pd.Series
    _lapsed: pd.Series

    def teachers(self, teaching: pd.Series) -> Table:
        """Every user who has the role of a teacher or whose id is among `teaching`, whatever the role."""
        ids = self._alive.frame["sourcedId"]
        found = chosen(self._alive, among(ids, self._teachers) | among(ids, teaching))
        names = {"sourcedId": "teacher_id", "givenName": "first_name", "familyName": "last_name", "email": "email"}
        return renamed(found, names)

    def not_counting(self, user: pd.Series, role: pd.Series) -> np.ndarray:
        """bool: whether each user is known but does not count in that role. Users nobody knows are not meant."""
        gone = among(user, self._dead)
        return gone | among(_person_role(user, role), self._lapsed) if len(self._lapsed) else gone


def counts(frame: pd.DataFrame) -> np.ndarray:
    """bool: whether each record's status lets it count. A bulk export leaves the status empty."""
    return ~frame["status"].str.lower().isin(_GONE).to_numpy(dtype=bool)


def ended(frame: pd.DataFrame, as_of: str) -> np.ndarray:
    """bool: whether each record's endDate lies before the ISO day `as_of`. No readable date: it goes on."""
    end = normalise_birthdate(frame["endDate"])
    return ((end != "") & (end < as_of)).to_numpy(dtype=bool)


def schools(orgs: Table) -> Table:
    """The organisations that are schools, or of which nobody says what they are."""
    return chosen(orgs, orgs.frame["type"].str.lower().isin(("school", "")))


def read_people(read: dict[str, Table], orgs: Table | None, as_of: str) -> People:
    """The people of trimmed OneRoster tables, on the ISO day `as_of`.

    A user that is disabled or to be deleted does not count, nor does a person in a role that
    has ended. `orgs` are the organisations that count. Birthdates come from demographics.csv.
    """
    users = read["users.csv"]
    enabled = ~users.frame["enabledUser"].str.lower().isin(_NO).to_numpy(dtype=bool)
    alive = counts(users.frame) & enabled
    ids = users.frame["sourcedId"]
    roles, members = _roles_1_2(read["roles.csv"], as_of) if "roles.csv" in read else _roles_1_1(users)
    student = (roles["role"] == "student").to_numpy(dtype=bool)
    active = roles["counts"].to_numpy(dtype=bool)
    students = chosen(users, alive & among(ids, roles["user"][student & active]))
    lapsed = _person_role(roles["user"][~active], roles["role"][~active])
    current = _person_role(roles["user"][active], roles["role"][active])
    return People(
        students=_students(students, members, orgs, read.get("demographics.csv")),
        _alive=chosen(users, alive),
        _dead=ids[~alive & ~among(ids, ids[alive])],
        _teachers=roles["user"][(roles["role"] == "teacher").to_numpy(dtype=bool) & active],
        _lapsed=lapsed[~among(lapsed, current)],
    )


def _person_role(user: pd.Series, role: pd.Series) -> pd.Series:
    return user + ID_SEPARATOR + role.str.lower()


def _roles_1_1(users: Table) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who has which role, and who belongs to which organisation, the first one named first."""
    frame = users.frame
    roles = pd.DataFrame({"user": frame["sourcedId"], "role": frame["role"].str.lower(), "counts": True})
    owner, org = list_items(frame["orgSourcedIds"])
    return roles, pd.DataFrame({"user": frame["sourcedId"].take(owner).reset_index(drop=True), "org": org})


def _roles_1_2(table: Table, as_of: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """As `_roles_1_1`; a student belongs to the organisations of the student's roles, of the primary role first."""
    frame = table.frame
    roles = pd.DataFrame(
        {
            "user": frame["userSourcedId"],
            "role": frame["role"].str.lower(),
            "counts": counts(frame) & ~ended(frame, as_of),
            "second": (frame["roleType"].str.lower() != "primary"),
            "org": frame["orgSourcedId"],
        }
    )
    named = roles[roles["counts"] & (roles["role"] == "student") & (roles["org"] != "")]
    return roles, named.sort_values(["second", "org"], ignore_index=True)[["user", "org"]]


def _students(users: Table, members: pd.DataFrame, orgs: Table | None, demographics: Table | None) -> Table:
    written = users.frame
    ids = written["sourcedId"]
    if orgs is not None:
        # A district or department a student belongs to is no school.
        other = orgs.frame["sourcedId"][~among(orgs.frame["sourcedId"], schools(orgs).frame["sourcedId"])]
        members = members[~among(members["org"], other)]
    owner = id_codes(members["user"], ids)
    order = np.argsort(owner, kind="stable")
    order = order[owner[order] >= 0]
    school = first_items(owner[order], members["org"].iloc[order].reset_index(drop=True), len(ids))
    grade_owner, grade = list_items(written["grades"])
    frame = pd.DataFrame(
        {
            "student_id": ids,
            "student_number": written["identifier"],
            "sis_id": ids,
            "first_name": written["givenName"],
            "last_name": written["familyName"],
            "birthdate_raw": _birthdates(ids, demographics),
            "grade_raw": first_items(grade_owner, grade, len(ids)),
            "school_id": school,
            "school_ids": joined_schools(ids, school, members["user"], members["org"]),
        }
    )
    return Table(users.file, frame, users.row)


def _birthdates(ids: pd.Series, demographics: Table | None) -> pd.Series:
    if demographics is None:
        return pd.Series("", index=ids.index, dtype="str")
    frame = chosen(demographics, counts(demographics.frame)).frame
    # 1.0 kept the user's id in a column of its own, and some exports still do.
    user = frame["userSourcedId"].where(frame["userSourcedId"] != "", frame["sourcedId"])
    places = id_codes(ids, user)
    return as_text(text_array(frame["birthDate"]).take(pa.array(places, mask=places < 0)), ids.index)

"""OneRoster 1.2, which keeps roles and schools in a file of their own."""

from __future__ import annotations

import pytest

from roster_core.roster import ID_SEPARATOR, Roster
from tests.adapters.test_oneroster import pairs, read

USERS = """\
sourcedId,status,enabledUser,username,givenName,familyName,identifier,email,grades,primaryOrgSourcedId
U1,,true,u1,Ana,Diaz,0099,,03,A
U2,,true,u2,Bo,Lee,,,KG,A
T1,,true,t1,Eva,Roe,,e@x.org,,A
T2,,true,t2,Ole,Moe,,,,A
AD,,true,ad,Pat,Poe,,,,A
"""
ROLES = """\
sourcedId,status,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId
R1,,U1,secondary,student,,,A
R2,,U1,primary,student,,,B
R3,,U2,primary,student,,,A
R4,,T1,primary,teacher,,,A
R5,,T2,primary,teacher,,,A
R6,,AD,primary,principal,,,A
"""


def read_1_2(**changed: str) -> Roster:
    """The roster of the 1.1 files with users.csv and roles.csv as version 1.2 writes them."""
    return read(**({"users": USERS, "roles": ROLES} | changed))


def test_roles_come_from_their_own_file() -> None:
    """The primary role's organisation is the school; the others are schools too."""
    roster = read_1_2()

    assert roster.findings.empty
    assert roster.students["school_id"].tolist() == ["B", "A"]
    assert roster.students["school_ids"].tolist() == [ID_SEPARATOR.join(["B", "A"]), "A"]
    assert pairs(roster) == [("U1", "K1"), ("U1", "K2"), ("U2", "K1")]
    assert roster.sections["teacher_id"].tolist() == ["T1", "T2"]


@pytest.mark.parametrize("role", ["R3,tobedeleted,U2,primary,student,,,A", "R3,,U2,primary,student,,2026-11-01,A"])
def test_a_role_that_is_over_does_not_count(role: str) -> None:
    """A person whose role as a student is over is no student, and the enrollments are no finding."""
    roster = read_1_2(roles=ROLES.replace("R3,,U2,primary,student,,,A", role))

    assert roster.students["student_id"].tolist() == ["U1"]
    assert pairs(roster) == [("U1", "K1"), ("U1", "K2")]
    assert roster.findings.empty


def test_an_ended_role_beside_a_current_one_does_no_harm() -> None:
    """A student who changed schools is a student of the new one."""
    roster = read_1_2(roles=ROLES + "R7,,U2,primary,student,,2026-01-01,B\n")

    assert roster.students["school_ids"].tolist()[1] == "A"
    assert ("U2", "K1") in pairs(roster)

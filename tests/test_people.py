"""Who signed in, for how long that counts, and which role they have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from roster_core.people import People, Person, is_current, person_of, role_of
from roster_core.roles import ROLES, allows

PEOPLE = People({"ada@example.org": "admin", "@example.org": "viewer", "bo@other.example": "committer"})
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("ada@example.org", "admin"),
        (" ADA@Example.ORG ", "admin"),
        ("eve@example.org", "viewer"),
        ("bo@other.example", "committer"),
        ("eve@other.example", None),
        ("eve@sub.example.org", None),
        ("eve@notexample.org", None),
        ("eve@example.org.evil.example", None),
        ("ada@example.org@evil.example", None),
        ("ada@evil.example@example.org", None),
        ('"ada@example.org"@evil.example', None),
        ("<ada@example.org>", None),
        ("ada@example.org,eve@evil.example", None),
        ("eve@ex\u0430mple.org", None),
        ("ada@example.org\u200b", None),
        ("@example.org", None),
        ("ada", None),
        ("", None),
    ],
)
def test_a_person_has_the_role_of_their_address_or_whole_domain(email: str, role: str | None) -> None:
    """Case is ignored; a domain is matched whole; what could be taken for another address is nobody's."""
    assert role_of(Person(email), PEOPLE) == role


def test_a_letter_that_lower_cases_to_another_opens_no_domain() -> None:
    """The Kelvin sign is no k."""
    assert role_of(Person("eve@\u212aorp.example"), People({"@korp.example": "viewer"})) is None


def test_the_allowed_domains_are_a_fence_around_the_lists() -> None:
    """Somebody on a list whose domain is not allowed stays out."""
    fenced = People(PEOPLE.roles, ("example.org",))
    assert role_of(Person("bo@other.example"), fenced) is None
    assert role_of(Person("ada@example.org"), fenced) == "admin"


@pytest.mark.parametrize(
    ("claims", "verified"),
    [
        ({}, True),
        ({"email_verified": True}, True),
        ({"email_verified": "true"}, True),
        ({"email_verified": False}, False),
        ({"email_verified": "false"}, False),
        ({"email_verified": None}, False),
        ({"xms_edov": True}, True),
        ({"xms_edov": "1"}, True),
        ({"xms_edov": False}, False),
        ({"email_verified": True, "xms_edov": 0}, False),
    ],
)
def test_an_address_the_provider_has_not_verified_is_nobodys(claims: dict[str, object], verified: bool) -> None:
    """A claim that says so is believed; one that is missing counts as given."""
    person = person_of({"email": "ada@example.org", **claims})
    assert (role_of(person, PEOPLE) == "admin") is verified


@pytest.mark.parametrize(
    ("issued", "current"),
    [
        (NOW, True),
        (NOW - timedelta(hours=11, minutes=59), True),
        (NOW - timedelta(hours=12), False),
        (NOW - timedelta(days=29), False),
        (NOW + timedelta(minutes=4), True),
        (NOW + timedelta(minutes=6), False),
    ],
)
def test_signing_in_counts_for_so_many_hours(issued: datetime, current: bool) -> None:
    """From the moment the provider says, with five minutes for its clock; a moment to come is no sign-in."""
    person = person_of({"email": "ada@example.org", "iat": issued.timestamp()})
    assert is_current(person, now=NOW, hours=12) is current


@pytest.mark.parametrize("issued", [None, "1764000000", True, float("nan"), float("inf"), 10**30])
def test_a_sign_in_without_a_moment_does_not_count(issued: object) -> None:
    """Claims that do not say when are those of nobody who is here now."""
    assert not is_current(person_of({"email": "ada@example.org", "iat": issued}), now=NOW, hours=12)


def test_each_role_may_what_those_before_it_may() -> None:
    """The order of the roles is the order of what they may do."""
    may = [[allows(held, needed) for needed in ROLES] for held in ROLES]
    assert may == [[place <= held for place in range(len(ROLES))] for held in range(len(ROLES))]


@pytest.mark.parametrize(
    ("roles", "several"),
    [
        ({}, False),
        ({"ada@example.org": "committer", "bo@example.org": "reviewer"}, False),
        ({"ada@example.org": "committer", "bo@example.org": "admin"}, True),
        ({"@example.org": "committer"}, True),
        ({"@example.org": "viewer", "ada@example.org": "admin"}, False),
    ],
)
def test_several_may_commit_where_two_addresses_or_a_domain_may(roles: dict[str, str], several: bool) -> None:
    """Who counts is who may commit: committers and admins."""
    assert People(roles).several_committers is several

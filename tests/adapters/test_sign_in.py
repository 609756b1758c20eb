"""Settings of sign-in: the people of each role, and an [auth] table that is safe."""

from __future__ import annotations

from pathlib import Path

import pytest

from roster_core.people import Person, role_of
from tests.adapters.test_configuration import problems, read

SECRET = "0123456789abcdef" * 2
AUTH = {
    "redirect_uri": "https://rosters.example.org/oauth2callback",
    "cookie_secret": SECRET,
    "client_id": "app",
    "client_secret": "hush",
    "server_metadata_url": "https://accounts.google.com/.well-known/openid-configuration",
}


def table(**changed: str | None) -> str:
    """The [auth] table with some of it changed, or taken out by None."""
    told = {name: value for name, value in {**AUTH, **changed}.items() if value is not None}
    return "[auth]\n" + "".join(f'{name} = "{value}"\n' for name, value in told.items())


def test_people_are_read_from_their_lists(tmp_path: Path) -> None:
    """Each list gives its role; case and blanks do not matter; nothing set leaves nobody."""
    people = read(
        tmp_path,
        ROSTER_ADMINS="Ada@Example.org",
        ROSTER_COMMITTERS="bo@example.org , chi@example.org",
        ROSTER_REVIEWERS="dee@example.org",
        ROSTER_VIEWERS="@Example.org",
    ).people
    roles = [role_of(Person(f"{name}@example.org"), people) for name in ("ada", "bo", "chi", "dee", "eve")]
    assert roles == ["admin", "committer", "committer", "reviewer", "viewer"]
    assert not read(tmp_path).people


def test_every_problem_of_the_lists_is_told_at_once(tmp_path: Path) -> None:
    """What is no address, what is outside the allowed domains, and who is in two lists."""
    found = problems(
        tmp_path,
        ROSTER_ALLOWED_DOMAINS="example.org, nowhere",
        ROSTER_ADMINS="ada@example.org",
        ROSTER_COMMITTERS="ADA@example.org",
        ROSTER_REVIEWERS="eve@elsewhere.org",
        ROSTER_VIEWERS="example.org",
        ROSTER_SECOND_PERSON="sometimes",
        ROSTER_OPERATOR="ada",
        ROSTER_SESSION_HOURS="0",
    )
    assert found["ROSTER_ALLOWED_DOMAINS"] == '"nowhere" is not a domain; write it like example.org.'
    assert found["ROSTER_COMMITTERS"] == '"ADA@example.org" is in ROSTER_ADMINS too; a person has one role.'
    assert "does not have" in found["ROSTER_REVIEWERS"]
    assert "write ada@example.org or @example.org" in found["ROSTER_VIEWERS"]
    assert found["ROSTER_SECOND_PERSON"] == '"sometimes" must be off, held or every.'
    assert "is not an e-mail address" in found["ROSTER_OPERATOR"]
    assert "at least 0.1" in found["ROSTER_SESSION_HOURS"]


def test_a_whole_table_is_sign_in(tmp_path: Path) -> None:
    """One provider in [auth], or several in tables of their own, are without a problem; no table is no sign-in."""
    assert read(tmp_path, table()).sign_in
    shared = table(client_id=None, client_secret=None, server_metadata_url=None)
    google = shared + '[auth.google]\nclient_id = "a"\nclient_secret = "b"\nserver_metadata_url = "https://a.example"\n'
    assert read(tmp_path, google).sign_in
    assert not read(tmp_path, "").sign_in


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"cookie_secret": "hunter2"}, "at least 32 letters"),
        ({"cookie_secret": None}, "at least 32 letters"),
        ({"cookie_secret": "hunter2" * 6}, "at least 32 letters"),
        ({"cookie_secret": "at-least-32-letters-that-nobody-can-guess"}, "at least 32 letters"),
        ({"redirect_uri": None}, "redirect_uri is missing"),
        ({"redirect_uri": "https://rosters.example.org/"}, "must end in /oauth2callback"),
        ({"redirect_uri": "http://rosters.example.org/oauth2callback"}, "use https"),
        ({"client_id": None}, "client_id is missing"),
        ({"server_metadata_url": "http://id.example.org/x"}, "use https"),
        ({"server_metadata_url": "https://login.microsoftonline.com/common/v2.0/x"}, "names no tenant"),
    ],
)
def test_an_unsafe_table_is_refused(tmp_path: Path, changed: dict[str, str | None], words: str) -> None:
    """A weak cookie secret, an address in the clear, and an Entra tenant that is anybody's, each with what to write."""
    found = problems(tmp_path, table(**changed))
    assert words in found["[auth]"]
    assert "hunter2" not in str(found)


def test_a_provider_has_a_name_that_streamlit_takes(tmp_path: Path) -> None:
    """An underscore in a provider's name would only be found out by the first person who signs in."""
    found = problems(tmp_path, table() + '[auth.our_own]\nclient_id = "a"\nclient_secret = "b"\n')
    assert "without an underscore" in found["[auth.our_own]"] or "missing" in found["[auth.our_own]"]

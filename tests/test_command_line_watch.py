"""The watch from the command line: fresh data by events or in full, every district told, exit codes for a scheduler."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from roster_core.adapters.store import open_store
from tests.adapters.awkward_clever import AwkwardClever, FakeClock
from tests.adapters.clever_district import OAK, a_district
from tests.adapters.eventful_clever import Eventful
from tests.adapters.mail_server import MailServer, mail_server
from tests.command_line import Run, runner, write_rules

ELM = "token-of-elm-never-shown"
TEAM = "ada@team.example, bo@team.example"
KEEP = {
    "format": "roster-rules/1",
    "rules": [{"do": "keep", "when": [{"field": "section_name", "op": "contains", "values": ["Homeroom 0"]}]}],
}


@dataclass
class Two:
    """Two districts on one Clever, pulled and committed."""

    server: AwkwardClever
    oak: Eventful
    elm: Eventful


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in an empty folder."""
    return runner(tmp_path, monkeypatch, capsys)


@pytest.fixture
def two(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    """Oak and Elm, each with one homeroom, whose students are committed; both can be read by events."""
    clock = FakeClock(time.time() - 3_600)
    made = [_one_homeroom(name, clock) for name in ("Oak", "Elm")]
    with AwkwardClever({OAK: made[0].lists, ELM: made[1].lists}) as server:
        monkeypatch.setenv("CLEVER_CLIENT_ID", server.client_id)
        monkeypatch.setenv("CLEVER_CLIENT_SECRET", server.client_secret)
        monkeypatch.setenv("CLEVER_API_URL", server.url)
        monkeypatch.setenv("CLEVER_OAUTH_URL", server.url)
        write_rules(tmp_path / "r.json", KEEP)
        for name in ("oak", "elm"):
            assert run("commit", f"clever:{name}-district", "--rules", "r.json").code == 0
        assert run("pull").code == 0
        yield Two(server, *made)


def _one_homeroom(name: str, clock: FakeClock) -> Eventful:
    lists = a_district(name, students=6, sections=2)
    everybody = [user["id"] for user in lists["users"] if "student" in user["roles"]]
    lists["sections"][0] |= {"students": everybody, "grade": "1"}
    return Eventful(lists, clock, random.Random(1))


def _by_district(document: list[dict[str, object]]) -> dict[object, dict[str, object]]:
    return {one["district_id"]: one for one in document}


def test_a_pull_says_how_it_came(run: Run, two: Two) -> None:
    """By how many events, or why in full; for each district."""
    two.oak.put("sections", {**two.oak.lists["sections"][0], "name": "Room 12"})
    del two.elm.lists["events"]
    found = _by_district(run("pull", "--json").document)

    assert (found["oak-district"]["events"], found["oak-district"]["why_in_full"]) == (1, "")
    assert found["elm-district"]["events"] is None
    assert "status 404" in str(found["elm-district"]["why_in_full"])


def test_a_quiet_night_needs_nobody(run: Run, two: Two) -> None:
    """Nothing changed: exit 0, and no list of records was read, because the events said so."""
    two.server.asked.clear()
    said = run("drift", "--all", "--json")
    found = _by_district(said.document)

    assert said.code == 0
    assert {one["source"] for one in found.values()} == {"brought up to date by 0 of Clever's events"}
    assert not [path for path in two.server.paths() if path.endswith(("users", "sections"))]


def test_a_renamed_section_needs_a_person_by_events_and_in_full_alike(run: Run, two: Two) -> None:
    """The events and a full pull give the same answer: one section out of the filter, exit 1."""
    section = two.oak.lists["sections"][0]
    two.oak.put("sections", {**section, "name": "Room 12"})
    by_events = run("drift", "oak-district", "--json")
    del two.oak.lists["events"]
    in_full = run("drift", "oak-district", "--json")

    (one,), (other,) = by_events.document, in_full.document
    assert (by_events.code, in_full.code) == (1, 1)
    assert (one["renamed"], one["in_none"]) == (1, 6)
    assert one.pop("source") == "brought up to date by 1 of Clever's events"
    assert other.pop("source") == (
        "fetched in full from Clever: Clever does not give the events after the remembered one (status 404)"
    )
    assert one == other


def test_what_drift_fetched_is_the_newest_roster(run: Run, two: Two, tmp_path: Path) -> None:
    """Pages show what the night's watch fetched."""
    two.oak.put("sections", {**two.oak.lists["sections"][0], "name": "Room 12"})
    run("drift", "--all")
    store = open_store(f"sqlite:///{tmp_path / 'var' / 'roster.sqlite3'}")
    latest = store.rosters.latest("oak-district")
    names = store.rosters.load(latest.fingerprint, "oak-district").sections["section_name"].tolist()
    known = store.known.drifts()["oak-district"]
    done = [(entry.action, entry.detail.get("events")) for entry in store.activity.list("oak-district", 1)]
    store.close()

    assert "Room 12" in names
    assert done == [("pull", 1)]
    assert (known.fingerprint, known.needs_person) == (latest.fingerprint, True)


def test_one_districts_failure_hides_no_other(run: Run, two: Two) -> None:
    """The district that fails says so in the document and on standard error; the other is told; exit 3."""
    two.oak.put("sections", {**two.oak.lists["sections"][0], "name": "Room 12"})
    del two.elm.lists["events"], two.elm.lists["sections"]
    said = run("drift", "--json")
    found = _by_district(said.document)

    assert said.code == 3
    assert found["oak-district"]["needs_person"] and "error" not in found["oak-district"]
    assert "Clever failed at /v3.0/sections" in str(found["elm-district"]["error"])
    assert not found["elm-district"]["compared"]
    assert "elm-district" in said.err


def test_a_clever_that_is_down_is_told_for_each_district(run: Run, two: Two) -> None:
    """Where not even the list of districts comes, each district says what failed; exit 3."""
    two.server.client_secret = "another"
    said = run("drift", "--all", "--json")

    assert said.code == 3
    assert all("401" in one["error"] for one in said.document)


def test_a_district_that_is_not_connected_any_more_needs_a_person(run: Run, two: Two) -> None:
    """A district that Clever no longer lists is not compared with its old data as if nothing had happened."""
    del two.server.districts[ELM]
    said = run("drift", "--json")
    lost = _by_district(said.document)["elm-district"]

    assert said.code == 1
    assert (lost["compared"], lost["needs_person"]) == (False, True)
    assert "no longer connects this district" in lost["sentences"][0]


def test_all_with_a_name_is_refused(run: Run) -> None:
    """--all and a district say two things."""
    said = run("drift", "x", "--all")
    assert said.code == 2 and "--all is every district" in said.err


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server on this computer."""
    with mail_server(trustme.CA()) as server:
        monkeypatch.setenv("SMTP_HOST", server.mail.host)
        monkeypatch.setenv("SMTP_PORT", str(server.mail.port))
        monkeypatch.setenv("SMTP_SECURITY", "none")
        monkeypatch.setenv("SMTP_FROM", "SEL team <sel@team.example>")
        yield server


def test_a_digest_is_mailed_where_a_person_is_needed(run: Run, two: Two, mail: MailServer) -> None:
    """Both people get one message, the worst district first; nothing in it names a child."""
    two.oak.put("sections", {**two.oak.lists["sections"][0], "name": "Room 12"})
    said = run("drift", "--all", "--mail", TEAM, "--json")

    (letter,), (envelope,) = mail.inbox.letters, mail.inbox.envelopes
    assert said.code == 1 and len(said.document) == 2
    assert envelope.rcpt_tos == ["ada@team.example", "bo@team.example"]
    assert letter["Subject"] == "Rosters: 1 district needs a person"
    text = letter.get_content()
    assert text.index("Oak (oak-district): NEEDS A PERSON") < text.index("Elm (elm-district): fine")
    assert "Given1" not in text and "oak-student" not in text


def test_a_quiet_night_mails_nothing_unless_always(run: Run, two: Two, mail: MailServer) -> None:
    """Nobody is woken for nothing; --always is for those who want to know that the watch still runs."""
    assert run("drift", "--all", "--mail", TEAM).code == 0
    assert not mail.inbox.letters
    assert run("drift", "--all", "--mail", TEAM, "--always").code == 0
    assert mail.inbox.letters[0]["Subject"] == "Rosters: nothing needs a person"


def test_always_without_anybody_to_write_to_is_refused(run: Run) -> None:
    """Before a single district is fetched."""
    said = run("drift", "--always")
    assert said.code == 2 and "--mail" in said.err

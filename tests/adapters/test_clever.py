"""The Clever client against a real awkward server: it loses nothing, repeats nothing, and shows no secret."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from roster_core.adapters.clever import CleverClient
from roster_core.adapters.store import Store
from roster_core.errors import Cancelled, InputError, ServiceError
from roster_core.settings import Clever, Secret
from tests.adapters.awkward_clever import (
    AwkwardClever,
    FakeClock,
    Fault,
    Manners,
    cut,
    dropped,
    half_json,
    limited,
    status,
)
from tests.adapters.clever_district import OAK, a_client, a_district

ELM = "token-of-elm-never-shown"


@pytest.fixture
def clock() -> FakeClock:
    """Time for server and client."""
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> Iterator[AwkwardClever]:
    """A server with two districts."""
    with AwkwardClever({OAK: a_district("Oak"), ELM: a_district("Elm", seed=2)}, clock=clock.time) as running:
        yield running


def test_pull_gives_everything_as_text(server: AwkwardClever, clock: FakeClock) -> None:
    """Each table is complete, names are joined, and nothing is found wrong."""
    roster = a_client(server, clock).pull("oak-district")
    sizes = {name: len(getattr(roster, name)) for name in ("schools", "terms", "courses", "teachers", "sections")}
    assert sizes == {"schools": 2, "terms": 1, "courses": 3, "teachers": 5, "sections": 8}
    assert len(roster.students) == 30 and len(roster.enrollments) == 96 and roster.findings.empty
    first = roster.sections.iloc[0]
    assert (first.course_name, first.term_name, first.teacher_name) == ("Course 0", "S1", "Tea Cher0")
    assert first.co_teacher_ids == "oak-teacher-1"
    assert roster.source == "clever" and roster.district.name == "Oak"
    assert roster.fetched_at == datetime.fromtimestamp(clock.now, UTC)


def test_pull_asks_for_full_pages_in_clevers_order(server: AwkwardClever, clock: FakeClock) -> None:
    """Every list is asked for with limit 10,000; the district comes first and last."""
    a_client(server, clock, token=OAK).pull("oak-district")
    names = [path.removeprefix("/v3.0/") for path in server.paths()]
    assert names == ["districts", "schools", "terms", "courses", "users", "users", "sections", "districts"]
    assert {asked.query["limit"] for asked in server.asked[1:-1]} == {"10000"}
    assert [asked.query.get("role") for asked in server.asked[4:6]] == ["student", "teacher"]


def test_districts_are_listed_by_name(server: AwkwardClever, clock: FakeClock) -> None:
    """Every connected district is there with its own token, which no repr shows."""
    districts = a_client(server, clock).districts()
    assert [(d.id, d.name, d.state, d.error) for d in districts] == [
        ("elm-district", "Elm", "running", ""),
        ("oak-district", "Oak", "running", ""),
    ]
    assert districts[1].token.reveal() == OAK and OAK not in repr(districts)


def test_a_district_that_cannot_be_read_does_not_hide_the_others(server: AwkwardClever, clock: FakeClock) -> None:
    """A refused token makes one district an entry with an error, after the readable ones."""
    server.refused_tokens.add(ELM)
    oak, elm = a_client(server, clock).districts()
    assert (oak.name, oak.error) == ("Oak", "") and elm.id == "elm-district"
    assert "status 401" in elm.error and ELM not in elm.error


def test_one_token_is_one_district(server: AwkwardClever, clock: FakeClock) -> None:
    """With a district's token there is that district, and the token list is never asked for."""
    [district] = a_client(server, clock, token=ELM).districts()
    assert district.id == "elm-district" and server.paths() == ["/v3.0/districts"]


def test_a_token_of_another_district_is_refused(server: AwkwardClever, clock: FakeClock) -> None:
    """Data of another district than the one asked for is never taken."""
    with pytest.raises(ServiceError, match="not of district oak-district, but of elm-district"):
        a_client(server, clock, token=ELM).pull("oak-district")


def test_an_unknown_district_is_told(server: AwkwardClever, clock: FakeClock) -> None:
    """A district that is not connected is the asker's mistake, and says what to do."""
    with pytest.raises(InputError, match='no district "fir" with this app'):
        a_client(server, clock).pull("fir")


def test_a_wrong_secret_is_told(server: AwkwardClever, clock: FakeClock) -> None:
    """A refused id and secret name the two settings."""
    server.client_secret = "another"
    wrong = Clever("app-id", Secret("mistyped-secret"), api_url=server.url, oauth_url=server.url)
    with pytest.raises(ServiceError, match="CLEVER_CLIENT_ID and CLEVER_CLIENT_SECRET") as caught:
        CleverClient(wrong, sleep=clock.sleep).districts()
    assert "mistyped" not in str(caught.value)


def test_without_credentials_there_is_no_client() -> None:
    """A client needs something to sign in with."""
    with pytest.raises(InputError, match="Clever is not connected"):
        CleverClient(Clever())


def test_a_list_that_is_not_shared_is_an_error(server: AwkwardClever, clock: FakeClock) -> None:
    """A 404 of a whole list, HTML and all, says what to check in Clever."""
    server.faults["sections"] = [status(404, b"<!DOCTYPE html><pre>Cannot GET /v3.0/sections</pre>")]
    with pytest.raises(ServiceError, match=r"/v3.0/sections \(status 404\). Check in Clever that the district shares"):
        a_client(server, clock).pull("oak-district")


def test_a_rotated_token_is_read_again(server: AwkwardClever, clock: FakeClock) -> None:
    """A token that is refused in the middle of a pull is read again once, and the pull goes on with it."""
    server.manners = Manners(page_size=10)
    server.faults["users"] = [None, status(401)]
    roster = a_client(server, clock).pull("oak-district")
    assert len(roster.students) == 30
    assert server.paths().count("/oauth/tokens") == 2


def test_a_token_that_stays_refused_is_read_again_only_once(server: AwkwardClever, clock: FakeClock) -> None:
    """After one fresh token the refusal is an error."""
    server.refused_tokens.add(OAK)
    with pytest.raises(ServiceError, match="token was refused"):
        a_client(server, clock).pull("oak-district")
    assert server.paths() == ["/oauth/tokens", "/v3.0/districts", "/oauth/tokens", "/v3.0/districts"]


def test_a_pull_across_a_sync_is_taken_again(server: AwkwardClever, clock: FakeClock) -> None:
    """When Clever synced during the pull all of it is taken once more."""
    server.last_syncs = ["2026-11-20T08:00:00Z", "2026-11-21T08:00:00Z"]
    told: list[str] = []
    roster = a_client(server, clock, token=OAK).pull("oak-district", lambda what, done, total: told.append(what))
    assert server.paths().count("/v3.0/sections") == 2 and roster.findings.empty
    assert roster.district.last_sync == "2026-11-21T08:00:00Z" and len(roster.enrollments) == 96
    assert "Students" in told and "Clever has new data, again: students" in told


def test_a_pull_that_never_catches_a_quiet_moment_is_kept_with_a_warning(
    server: AwkwardClever, clock: FakeClock
) -> None:
    """After two repeats the roster is kept, and says that old and new may be mixed."""
    server.last_syncs = [f"2026-11-{day}T08:00:00Z" for day in range(10, 20)]
    roster = a_client(server, clock, token=OAK).pull("oak-district")
    assert server.paths().count("/v3.0/sections") == 3
    assert roster.findings[["code", "severity"]].to_numpy().tolist() == [["pull-straddled-sync", "warning"]]


def test_a_pull_can_be_stopped_anywhere(server: AwkwardClever, clock: FakeClock) -> None:
    """Whatever is under way, a person's Cancelled ends the pull."""
    server.manners = Manners(page_size=10)
    told: list[str] = []
    a_client(server, clock).pull("oak-district", lambda what, done, total: told.append(what))
    for stop in range(1, len(told) + 1):
        calls = iter(range(1, len(told) + 1))

        def progress(what: str, done: int, total: int | None, calls: Iterator[int] = calls, stop: int = stop) -> None:
            if next(calls) == stop:
                raise Cancelled("Stopped.")

        with pytest.raises(Cancelled):
            a_client(server, clock).pull("oak-district", progress)


def test_progress_counts_records(server: AwkwardClever, clock: FakeClock) -> None:
    """Each page tells how many records of its table came so far."""
    server.manners = Manners(page_size=12)
    told: list[tuple[str, int]] = []
    a_client(server, clock).pull("oak-district", lambda what, done, total: told.append((what, done)))
    assert [done for what, done in told if what == "Students"] == [0, 12, 24, 30]


@pytest.mark.parametrize("fault", [dropped, cut, half_json, status(401), status(403), limited(7200)])
def test_no_secret_is_ever_shown(
    server: AwkwardClever,
    clock: FakeClock,
    fault: Fault,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Neither token, secret, name nor birthdate is in a log, on the screen, or in an error or what it comes from."""
    caplog.set_level(logging.DEBUG)
    server.faults["users"] = [None, *[fault] * 9]
    client = a_client(server, clock)
    with pytest.raises(ServiceError) as caught:
        client.pull("oak-district", print)
    chain: list[BaseException] = [caught.value]
    while (earlier := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(earlier)
    shown = capsys.readouterr()
    told = caplog.text + shown.out + shown.err + repr(chain) + repr([vars(error) for error in chain]) + repr(client)
    for secret in (OAK, server.client_secret, "Family1", "2/11/2017"):
        assert secret not in told


def test_a_pull_that_fails_midway_leaves_the_old_roster(server: AwkwardClever, clock: FakeClock, store: Store) -> None:
    """Whichever answer Clever stops at, the roster of yesterday is the newest one, and the next pull replaces it."""
    client = a_client(server, clock)
    old = store.rosters.save(client.pull("oak-district"))
    whole = len(server.paths())
    server.districts[OAK]["users"][0]["name"]["first"] = "Changed"
    for answers in range(1, whole):
        server.faults = {"": [None] * answers + [status(500)] * 40}
        with pytest.raises(ServiceError):
            store.rosters.save(client.pull("oak-district"))
        assert store.rosters.latest("oak-district") == old
    server.faults = {}
    assert store.rosters.save(client.pull("oak-district")).fingerprint != old.fingerprint

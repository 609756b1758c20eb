"""The gateway, against a real server on the loopback that fails in every way it can."""

from __future__ import annotations

import json
import logging
import socket
import traceback
from collections.abc import Iterator
from threading import Thread

import pytest

from roster_core.adapters.http import Basic, Bearer, Gateway
from roster_core.errors import Cancelled, InputError, ServiceError
from roster_core.settings import Secret
from tests.adapters.awkward_clever import (
    AwkwardClever,
    FakeClock,
    Fault,
    cut,
    cut_chunks,
    dropped,
    half_json,
    limited,
    status,
)
from tests.adapters.clever_district import OAK, a_district

TOKEN = OAK
PATH = "/v3.0/schools"


@pytest.fixture
def clock() -> FakeClock:
    """Time for server and client."""
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> Iterator[AwkwardClever]:
    """A server with one district."""
    with AwkwardClever({TOKEN: a_district()}, clock=clock.time) as running:
        yield running


@pytest.fixture
def gateway(server: AwkwardClever, clock: FakeClock) -> Iterator[Gateway]:
    """A gateway to the server, signed with the district's token."""
    with a_gateway(server.url, clock) as opened:
        yield opened


def a_gateway(url: str, clock: FakeClock, token: str = TOKEN, **how: object) -> Gateway:
    """A gateway whose time is the fake clock's."""
    sign = Bearer(Secret(token))
    return Gateway(url, name="Clever", sign=sign, sleep=clock.sleep, clock=clock.time, jitter=lambda: 0.0, **how)


def read(gateway: Gateway, **how: object) -> int:
    """Asks for the schools; gives how many came."""
    return len(gateway.request("GET", PATH, read=json.loads, **how).value["data"])


FAULTS: dict[str, Fault] = {
    "status 500": status(500),
    "status 502": status(502, b"<html>Bad gateway</html>"),
    "status 503": status(503),
    "status 504": status(504),
    "dropped": dropped,
    "cut": cut,
    "cut chunks": cut_chunks,
    "half JSON": half_json,
    "html": status(200, b"<html>Please wait</html>"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_a_moment_mends_is_asked_again(
    server: AwkwardClever, gateway: Gateway, clock: FakeClock, fault: Fault
) -> None:
    """Five failures of a kind are got over, after 1, 2, 4, 8 and 16 seconds."""
    server.faults[""] = [fault] * 5
    assert read(gateway) == 2
    assert sum(clock.slept) == 31


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_sixth_failure_is_an_error(server: AwkwardClever, gateway: Gateway, fault: Fault) -> None:
    """After five retries one error names the path, what happened, how often, and what to do; never the query."""
    server.faults[""] = [fault] * 9
    with pytest.raises(ServiceError, match=r"Clever failed at /v3.0/schools \(.+, 6 times\)\. Try again later\.$"):
        gateway.request("GET", PATH + "?starting_after=5", read=json.loads)
    assert len(server.asked) == 6


@pytest.mark.parametrize("code", [400, 403, 404, 409, 413, 418, 501])
def test_what_stays_is_not_asked_again(server: AwkwardClever, gateway: Gateway, code: int) -> None:
    """Other refusals are an error at once, without the body."""
    server.faults[""] = [status(code, b"Family7 was here")]
    with pytest.raises(ServiceError, match=f"status {code}") as caught:
        read(gateway)
    assert len(server.asked) == 1 and "Family7" not in str(caught.value)


def test_a_question_that_must_not_be_repeated_is_asked_once(server: AwkwardClever, gateway: Gateway) -> None:
    """With `retry=False` a lost answer is an error at once."""
    server.faults[""] = [dropped]
    with pytest.raises(ServiceError, match="the connection broke"):
        gateway.request("POST", PATH, json={"rows": []}, headers={"Idempotency-Key": "k"}, retry=False)
    assert len(server.asked) == 1
    assert server.asked[0].headers["Idempotency-Key"] == "k"


def test_the_limit_is_waited_for(server: AwkwardClever, gateway: Gateway, clock: FakeClock) -> None:
    """After a 429 nothing is asked before the reset, however often it comes, and no try is used up."""
    server.faults[""] = [limited(seconds) for seconds in (42, 60, 0.5, 1, 3, 60, 5, 30)]
    assert read(gateway) == 2
    assert server.too_early == [] and sum(clock.slept) >= 201


def test_failures_around_a_limit_count_on(server: AwkwardClever, gateway: Gateway) -> None:
    """The count is of the request, whatever went wrong; waiting neither uses up a try nor gives one back."""
    server.faults[""] = [dropped, limited(5), cut, half_json, limited(5), cut_chunks, status(503), status(500)]
    with pytest.raises(ServiceError, match="status 500, 6 times"):
        read(gateway)
    assert server.too_early == []


@pytest.mark.parametrize("reset", ["", "garbled", "-3", "1800000000000"])
def test_a_limit_without_a_reset_is_a_minute(
    server: AwkwardClever, gateway: Gateway, clock: FakeClock, reset: str
) -> None:
    """Where the header is absent or makes no sense a minute is waited: Clever counts by the minute."""
    server.faults[""] = [limited(60, reset=reset)]
    assert read(gateway) == 2
    assert server.too_early == [] and sum(clock.slept) == 60


@pytest.mark.parametrize("skew", [-86_400, -300, 300, 86_400])
def test_clocks_may_differ(server: AwkwardClever, clock: FakeClock, skew: int) -> None:
    """The reset is read by the service's clock, told from the answer's Date, and not by ours."""
    server.clock = lambda: clock.now + skew
    server.faults[""] = [limited(42)]
    with a_gateway(server.url, clock) as gateway:
        assert read(gateway) == 2
    assert server.too_early == [] and sum(clock.slept) < 44


def test_a_reset_too_far_away_is_an_error(server: AwkwardClever, gateway: Gateway, clock: FakeClock) -> None:
    """Nobody is kept waiting for hours: it says for how long nothing is taken, and asks no more."""
    server.faults[""] = [limited(7200)]
    with pytest.raises(ServiceError, match="another 120 minutes"):
        read(gateway)
    assert clock.slept == [] and len(server.asked) == 1


def test_waiting_is_shown_and_can_be_stopped(server: AwkwardClever, gateway: Gateway, clock: FakeClock) -> None:
    """Each second of a wait is told, and a person may end it there."""
    told: list[str] = []

    def progress(what: str, done: int, total: int | None) -> None:
        told.append(what)
        if len(told) == 3:
            raise Cancelled("Stopped.")

    server.faults[""] = [limited(41.5)]
    with pytest.raises(Cancelled):
        read(gateway, progress=progress)
    assert told == [f"Waiting for Clever's limit, {left} s" for left in (42, 41, 40)] and len(clock.slept) == 2


def test_a_refused_token_is_renewed_once(server: AwkwardClever, clock: FakeClock) -> None:
    """After a 401 one fresh token is tried, for a POST too, and kept."""
    with a_gateway(server.url, clock, "old", renew=lambda: Bearer(Secret(TOKEN))) as gateway:
        assert read(gateway) == 2
        assert read(gateway) == 2
    assert len(server.asked) == 3


def test_a_token_that_stays_refused_is_an_error(server: AwkwardClever, clock: FakeClock) -> None:
    """A renewed token that is refused as well ends it, after two requests."""
    renewals: list[int] = []

    def renew() -> Bearer:
        renewals.append(1)
        return Bearer(Secret("stale"))

    with (
        a_gateway(server.url, clock, "old", renew=renew) as gateway,
        pytest.raises(ServiceError, match="token was ref"),
    ):
        read(gateway)
    assert len(server.asked) == 2 and len(renewals) == 1


@pytest.mark.parametrize(
    "url", ["http://api.example.org", "ftp://127.0.0.1", "api.clever.com", "https://u:p@a.example"]
)
def test_an_unsafe_address_is_refused(url: str) -> None:
    """Only https, or http on this computer, is ever asked."""
    with pytest.raises(InputError, match="The address of Clever"):
        Gateway(url, name="Clever", sign=Bearer(Secret("t")))


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/v3.0/x", "//evil.example/x", "http://localhost:1/x", "http://x@127.0.0.1/", "http://[bad/"],
)
def test_an_address_on_another_host_is_not_asked(server: AwkwardClever, gateway: Gateway, address: str) -> None:
    """A link to another host, port or scheme never sees the token."""
    with pytest.raises(ServiceError, match="to which no token is sent"):
        gateway.request("GET", address)
    assert server.asked == []


def test_a_redirect_is_not_followed(server: AwkwardClever, gateway: Gateway, clock: FakeClock) -> None:
    """A redirect is an error, and the other host is never asked."""
    with AwkwardClever({}, clock=clock.time) as other:
        server.faults[""] = [status(302, Location=f"{other.url}/v3.0/schools")]
        with pytest.raises(ServiceError, match="status 302.*no token is sent"):
            read(gateway)
        assert other.asked == []


def test_proxies_and_netrc_have_no_say_on_the_loopback(
    server: AwkwardClever, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    """A proxy or a netrc from the environment neither sees nor replaces the token."""
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:
        file.write("machine 127.0.0.1 login x password y\n")
    monkeypatch.setenv("NETRC", netrc)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert read(gateway) == 2
    assert server.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "tökèn", "\x00"])
def test_an_impossible_token_is_refused_without_showing_it(token: str) -> None:
    """A token that no header can carry is refused here, because the libraries below would quote it."""
    with pytest.raises(InputError) as caught:
        Bearer(Secret(token))
    assert not token or token not in str(caught.value)


def test_a_server_that_is_not_there_is_an_error(clock: FakeClock) -> None:
    """A refused connection is retried like any other failure, then told."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with a_gateway(f"http://127.0.0.1:{port}", clock) as gateway, pytest.raises(ServiceError, match="connection broke"):
        read(gateway)


def test_a_server_that_speaks_nonsense_is_an_error(clock: FakeClock) -> None:
    """What is no HTTP at all counts as a broken connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=_speak_nonsense, args=(listening,), daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with a_gateway(url, clock) as gateway, pytest.raises(ServiceError, match="6 times"):
            read(gateway)


def _speak_nonsense(listening: socket.socket) -> None:
    for _ in range(6):
        connection, _ = listening.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"220 smtp.example.org ready\r\n\r\n")


@pytest.mark.parametrize(
    "fault", [dropped, cut, status(401), status(404), status(302, Location="http://x/"), half_json]
)
def test_the_token_is_never_shown(
    server: AwkwardClever, gateway: Gateway, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    """No log, message, repr or chained error holds the token or the body."""
    caplog.set_level(logging.DEBUG)
    server.faults[""] = [fault] * 9
    with pytest.raises(ServiceError) as caught:
        read(gateway)
    chain: list[BaseException] = [caught.value]
    while (earlier := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(earlier)
    told = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(chain) + repr(gateway)
    told += repr([vars(error) for error in chain]) + repr(gateway.request("GET", "/v3.0/terms", ok=range(600)))
    assert TOKEN not in told and "School 0" not in told
    assert len(chain) == 1


def test_what_signs_shows_no_secret() -> None:
    """The repr of a signature is masked."""
    assert "hush" not in repr([Bearer(Secret("hush")), Basic("app", Secret("hush"))])

"""The command message: shown, as a file, and sent once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import trustme

from roster_core.adapters.configuration import read_settings
from roster_core.adapters.loading import load
from roster_core.adapters.store import Store, open_store
from roster_core.dates import WindowDates
from roster_core.onboarding import Contact, Onboarding, Tick
from roster_core.roster import District
from tests.adapters.mail_server import MailServer, mail_server
from tests.command_line import Run, runner, write_district, write_rules


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command away from the machine's own settings; the district elm is loaded and committed."""
    command = runner(tmp_path, monkeypatch, capsys)
    data, rules = write_district(tmp_path / "elm"), write_rules(tmp_path / "rules.json")
    assert command("commit", data, "--rules", rules).code == 0
    roster = load(data, now=datetime.now(UTC))
    with_store(lambda store: store.rosters.save(replace(roster, district=District("elm", "Elm USD"))))
    return command


@pytest.fixture
def server(run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server on this computer that the settings name."""
    with mail_server(trustme.CA()) as running:
        for name, value in (("HOST", "127.0.0.1"), ("PORT", str(running.mail.port)), ("SECURITY", "none"),
                            ("FROM", "SEL team <sel@team.example>")):  # fmt: skip
            monkeypatch.setenv(f"SMTP_{name}", value)
        yield running


def with_store(work: Callable[[Store], object]) -> object:
    """What a piece of work gives on the commands' own store."""
    store = open_store(read_settings().database_url)
    try:
        return work(store)
    finally:
        store.close()


def recorded() -> object:
    """Kind and outcome of the district's messages, the newest first."""
    return with_store(lambda store: [(one.kind, one.outcome) for one in store.messages.list("elm")])


def keep(onboarding: Onboarding) -> None:
    """Keeps a launch of the district."""
    now = datetime.now(UTC)
    with_store(
        lambda store: store.onboarding.save(
            "elm", onboarding, expected_revision=store.onboarding.get("elm").revision, actor="ana", now=now,
            action="set-contacts",
        )
    )  # fmt: skip


def test_a_message_is_shown(run: Run) -> None:
    """Without --send or --out it is printed with subject and text, and nothing is sent or written down."""
    said = run("message", "elm", "connect", "--to", "a@d.example")
    assert said.code == 0 and "Subject: Connect SELweb in Clever: Elm USD\nTo: a@d.example" in said.out
    assert "Not sent" in said.out and recorded() == []
    document = run("message", "elm", "connect", "--json").document
    assert (document["kind"], document["outcome"], document["to"]) == ("connect", "shown", [])


def test_a_message_as_a_file(run: Run) -> None:
    """--out writes a letter a mail program opens; the record says downloaded."""
    assert run("message", "elm", "sharing", "--to", "a@d.example", "--cc", "b@d.example", "--out", "m.eml").code == 0
    letter = message_from_bytes(Path("m.eml").read_bytes(), policy=policy.default)
    assert (letter["To"], letter["Cc"], letter["X-Unsent"]) == ("a@d.example", "b@d.example", "1")
    assert recorded() == [("sharing", "downloaded")]


def test_a_request_is_sent_once_and_waits(run: Run, server: MailServer) -> None:
    """A rerun is answered without sending; --again sends; the launch keeps one request that waits."""
    command = ("message", "elm", "sharing", "--to", "a@d.example", "--send")
    assert "Sent to 1 recipient." in run(*command).out
    assert "It was not sent again" in run(*command).out
    assert len(server.inbox.letters) == 1
    assert run(*command, "--again", "1").code == 0
    assert len(server.inbox.letters) == 2 and recorded() == [("sharing", "sent"), ("sharing", "sent")]
    requests = with_store(lambda store: store.onboarding.get("elm").onboarding.requests)
    assert [(one.kind, one.outcome) for one in requests] == [("sharing", "waiting")]


def test_ready_to_assess_is_sent_only_when_ready(run: Run, server: MailServer) -> None:
    """Neither sent nor written to a file before; once ready it is sent to the SEL lead and its step is ticked."""
    for option in (["--send"], ["--out", "m.eml"]):
        said = run("message", "elm", "ready", "--to", "a@d.example", *option)
        assert said.code == 1 and "nobody has said that it is in SELweb" in said.err
    assert not server.inbox.letters and not Path("m.eml").exists()
    receipt = run("receipts", "elm", "--json").document[0]["receipt_id"]
    dates, today = WindowDates(launch=date(2026, 1, 5)), datetime.now(UTC).date()
    lead, ticks = Contact("Ana Díaz", "ana@d.example"), {"rostered": Tick(today, "ana", about=receipt)}
    keep(Onboarding(dates=dates, sel_lead=lead, ticks=ticks))
    document = run("message", "elm", "ready", "--send", "--json").document
    assert (document["outcome"], document["ready"], document["problems"]) == ("sent", True, [])
    assert server.inbox.letters[0]["To"] == "Ana Díaz <ana@d.example>"
    assert "4 students in 1 school" in server.inbox.letters[0].get_content()
    assert with_store(lambda store: store.onboarding.get("elm").onboarding.ready_sent) == today


def test_a_lost_answer_is_a_service_that_failed_and_then_unknown(run: Run, server: MailServer) -> None:
    """The first call says what happened; a rerun sends nothing and answers no."""
    server.inbox.drop = "after"
    command = ("message", "elm", "connect", "--to", "a@d.example", "--send")
    assert run(*command).code == 3
    server.inbox.drop = ""
    said = run(*command)
    assert said.code == 1 and "ask a recipient" in said.out and len(server.inbox.envelopes) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody", "connect"), 'no district "nobody"'),
        (("elm", "party"), "is not one of 'connect'"),
        (("elm", "connect", "--send", "--to", "a@d.example"), "Set SMTP_HOST"),
        (("elm", "connect", "--to", "nobody", "--out", "m.eml"), "not an e-mail address"),
        (("elm", "launch"), "No launch date is set"),
    ],
)
def test_what_is_wrong_is_one_error(run: Run, arguments: tuple[str, ...], words: str) -> None:
    """A district, kind, address or setting that is none is told, and exits with 2."""
    said = run("message", *arguments)
    assert said.code == 2 and words in said.err


class TestDigest:
    """What the watch found, sent to our own people."""

    def test_it_is_sent_only_when_somebody_is_needed(self, run: Run, server: MailServer, tmp_path: Path) -> None:
        """Nothing changed: no message. A student gone: one, with counts and no name, and it is written down."""
        said = run("drift", "--mail", "sel@team.example, bo@team.example")
        assert said.code == 0 and "Nothing needs a person, so no message was sent." in said.err
        write_district(tmp_path / "elm", enrollments="School_id,Section_id,Student_id\nA,C1,S1\nA,C1,S2\nA,C2,S3\n")
        roster = replace(load(tmp_path / "elm", now=datetime.now(UTC)), district=District("elm", "Elm USD"))
        with_store(lambda store: store.rosters.save(roster))
        said = run("drift", "--mail", "sel@team.example, bo@team.example")
        assert said.code == 1 and "Sent to 2 recipients." in said.err
        (letter,) = server.inbox.letters
        assert letter["Subject"] == "Rosters: 1 district needs a person"
        assert "NEEDS A PERSON" in letter.get_content() and "Orr" not in letter.get_content()
        assert with_store(lambda store: [(one.kind, one.outcome) for one in store.messages.list("")]) == [
            ("drift", "sent")]  # fmt: skip

    def test_a_mail_server_that_fails_hides_nothing(self, run: Run, server: MailServer, tmp_path: Path) -> None:
        """What was found is told all the same, and the exit code says that a service failed."""
        write_district(tmp_path / "elm", enrollments="School_id,Section_id,Student_id\nA,C1,S1\n")
        roster = replace(load(tmp_path / "elm", now=datetime.now(UTC)), district=District("elm", "Elm USD"))
        with_store(lambda store: store.rosters.save(roster))
        server.inbox.answers = {"DATA": "452 full"}
        said = run("drift", "--mail", "sel@team.example", "--json")
        assert said.code == 3 and "refused the message: full" in said.err and said.document[0]["needs_person"]

    def test_without_a_mail_server_nothing_is_fetched(self, run: Run) -> None:
        """The settings are wrong before anything is done."""
        said = run("drift", "--mail", "sel@team.example")
        assert said.code == 2 and "Set SMTP_HOST" in said.err

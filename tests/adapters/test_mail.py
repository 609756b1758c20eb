"""Sending against a real mail server: every way it can be secured, and every way it can fail."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from roster_core.adapters.mail import send
from roster_core.adapters.posting import post, record_download
from roster_core.adapters.store import Store, open_store
from roster_core.errors import InputError, ServiceError
from roster_core.letter import to_letter
from roster_core.messages import DeliveryUnknown, Message, Posted
from roster_core.settings import Mail, Secret
from tests.adapters.mail_server import PASSWORD, MailServer, mail_server
from tests.databases import put_migrated

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
LETTER = Message(
    "Ready To Assess: Springfield", "Hello,\n.\n..dots stay\nThank you", "ready", to=("Ana Díaz <ana@d.example>",),
    cc=("lead@d.example",), sender="SEL team <sel@team.example>",
)  # fmt: skip
BOTH = ("ana@d.example", "lead@d.example")


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Who vouches for the servers of this run."""
    return trustme.CA()


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[MailServer]:
    """A plain server on this computer."""
    with mail_server(authority) as running:
        yield running


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Store]:
    """A store of this test alone."""
    opened = open_store(put_migrated(tmp_path / "roster.sqlite3"))
    yield opened
    opened.close()


def sent(server: MailServer, mail: Mail | None = None, to: tuple[str, ...] = BOTH) -> tuple[str, ...]:
    """The letter, handed to that server."""
    return send(to_letter(LETTER, NOON, "<1@team.example>"), to, mail or server.mail, patience=5, trust=server.trust)


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
@pytest.mark.parametrize("login", [False, True])
def test_a_letter_arrives(authority: trustme.CA, security: str, login: bool) -> None:
    """Plain on this computer, by STARTTLS or TLS, with and without login: it arrives whole, once, for everybody."""
    with mail_server(authority, security=security, login=login) as server:
        assert sent(server) == ()
    (letter,), (envelope,) = server.inbox.letters, server.inbox.envelopes
    assert (envelope.mail_from, tuple(envelope.rcpt_tos)) == ("sel@team.example", BOTH)
    assert letter.get_content().splitlines() == LETTER.body.splitlines()
    assert (letter["Subject"], letter["To"]) == (LETTER.subject, "Ana Díaz <ana@d.example>")
    assert server.inbox.secured == [security != "none"] and len(server.inbox.users) == login


def test_a_refused_recipient_is_told_and_the_others_get_it(server: MailServer) -> None:
    """Whom the server does not know is named with its reason; the letter reaches the rest."""
    server.inbox.refuse = {"lead@d.example": "550 no such user"}
    assert sent(server) == ("lead@d.example (no such user)",)
    assert server.inbox.envelopes[0].rcpt_tos == ["ana@d.example"]


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ({"refuse": dict.fromkeys(BOTH, "550 unknown")}, "refused every recipient"),
        ({"refuse": dict.fromkeys(BOTH, "451 greylisted")}, "Try again later"),
        ({"answers": {"MAIL": "550 not you"}}, "refused the sender: not you (550)"),
        ({"answers": {"MAIL": "421 busy"}}, "Try again in some minutes"),
        ({"answers": {"DATA": "554 spam"}}, "refused the message: spam (554)"),
        ({"answers": {"DATA": "452 full"}}, "Try again in some minutes"),
        ({"drop": "data"}, "ended the connection"),
    ],
)
def test_a_failure_is_one_message_and_nothing_was_sent(
    server: MailServer, behaviour: dict[str, object], words: str
) -> None:
    """Whatever the server says no to, the message says so, what to do next, and that nothing was sent."""
    for name, value in behaviour.items():
        setattr(server.inbox, name, value)
    with pytest.raises(ServiceError) as caught:
        sent(server)
    assert words in str(caught.value) and "Nothing was sent." in str(caught.value)
    assert not isinstance(caught.value, DeliveryUnknown) and "\n" not in str(caught.value)
    assert not server.inbox.envelopes


def test_a_lost_answer_is_unknown(server: MailServer) -> None:
    """A connection that ends after the letter was handed over is neither sent nor failed."""
    server.inbox.drop = "after"
    with pytest.raises(DeliveryUnknown, match="may have arrived: ask a recipient"):
        sent(server)
    assert len(server.inbox.envelopes) == 1


def test_a_wrong_password_is_told_without_it(authority: trustme.CA) -> None:
    """The settings to check are named; neither password is."""
    with mail_server(authority, security="starttls", login=True) as server, pytest.raises(ServiceError) as caught:
        sent(server, replace(server.mail, password=Secret("hunter2")))
    assert "Check SMTP_USER and SMTP_PASSWORD" in str(caught.value)
    assert not any(word in str(caught.value) for word in ("hunter2", PASSWORD, "aHVudGVyMg"))


def test_a_certificate_of_a_stranger_is_refused(authority: trustme.CA) -> None:
    """Nothing is said to a server nobody vouches for, by STARTTLS or TLS."""
    for security in ("starttls", "tls"):
        with mail_server(authority, security=security, login=True) as server:
            with pytest.raises(ServiceError, match="certificate that cannot be trusted"):
                send(to_letter(LETTER, NOON), BOTH, server.mail, patience=5, trust=ssl.create_default_context())
            assert not server.inbox.users and not server.inbox.envelopes


def test_a_server_without_starttls_gets_no_letter(server: MailServer) -> None:
    """Where the connection cannot be secured as asked, nothing is sent in clear."""
    for security in ("starttls", "tls"):
        with pytest.raises(ServiceError, match="Check SMTP_SECURITY"):
            sent(server, replace(server.mail, security=security))
    assert not server.inbox.envelopes


def test_a_server_that_is_not_there(server: MailServer) -> None:
    """A closed port is one message with the settings to check."""
    with pytest.raises(ServiceError, match="Check SMTP_HOST and SMTP_PORT"):
        sent(server, replace(server.mail, port=1))


@pytest.mark.parametrize(
    ("mail", "to", "words"),
    [(Mail(), BOTH, "Set SMTP_HOST"), (None, (), "no recipient"), (None, ("nobody",), "not an e-mail address")],
)
def test_what_is_missing_is_said_first(server: MailServer, mail: Mail | None, to: tuple[str, ...], words: str) -> None:
    """Without a server, a recipient or a real address there is nothing to send."""
    with pytest.raises(InputError, match=words):
        sent(server, mail or (server.mail if mail is None else mail), to)


class TestPost:
    """A message on its way, written down."""

    def post(self, server: MailServer, box: Store, message: Message = LETTER, again: int = 0) -> Posted:
        """The message, through that server and into that store."""
        return post(message, store=box, mail=server.mail, district_id="d1", actor="ana", now=NOON, again=again,
                    patience=5, trust=server.trust)  # fmt: skip

    def outcomes(self, box: Store) -> list[str]:
        """How the messages of the district ended, the newest first."""
        return [record.outcome for record in box.messages.list("d1")]

    def test_it_is_sent_once_however_often_it_is_asked_for(self, server: MailServer, box: Store) -> None:
        """A rerun is answered with what is known; only a person who says so sends it again."""
        assert self.post(server, box) == Posted("sent", "Sent to 2 recipients.")
        repeated = self.post(server, box)
        assert repeated.before and "was sent on 2026-11-30 12:00 UTC, by ana" in repeated.sentence
        assert len(server.inbox.envelopes) == 1
        assert not self.post(server, box, again=1).before
        assert not self.post(server, box, replace(LETTER, body="Other words")).before
        assert len(server.inbox.envelopes) == 3
        assert len({letter["Message-ID"] for letter in server.inbox.letters}) == 3

    def test_what_is_kept_of_it(self, server: MailServer, box: Store) -> None:
        """The record has who, what, when and how it ended; the log kind and outcome only, and no text is kept."""
        self.post(server, box)
        (record,) = box.messages.list("d1", "ready")
        assert (record.recipients, record.subject, record.actor, record.at) == (BOTH, LETTER.subject, "ana", NOON)
        assert len(record.digest) == 64 and record.message_id.endswith("@team.example>")
        (entry,) = box.activity.list("d1")
        assert (entry.action, entry.detail) == ("message", {"kind": "ready", "outcome": "sent"})

    def test_a_partial_refusal(self, server: MailServer, box: Store) -> None:
        """Who did not get it is told and recorded."""
        server.inbox.refuse = {"lead@d.example": "550 no such user"}
        posted = self.post(server, box)
        assert posted.outcome == "refused-recipients"
        assert posted.sentence.startswith("Sent to 1 recipient. Refused: lead@d.example (no such user).")
        assert self.outcomes(box) == ["refused-recipients"]

    def test_what_failed_can_be_sent_again(self, server: MailServer, box: Store) -> None:
        """A failure is recorded; the next try goes out under the same id."""
        server.inbox.answers = {"DATA": "452 full"}
        with pytest.raises(ServiceError):
            self.post(server, box)
        assert self.outcomes(box) == ["failed"]
        server.inbox.answers = {}
        assert self.post(server, box).outcome == "sent"
        assert self.outcomes(box) == ["sent"]

    def test_what_may_have_arrived_is_never_sent_again_by_itself(self, server: MailServer, box: Store) -> None:
        """After a lost answer a rerun asks nobody, and says to ask a recipient."""
        server.inbox.drop = "after"
        with pytest.raises(DeliveryUnknown):
            self.post(server, box)
        server.inbox.drop = ""
        repeated = self.post(server, box)
        assert repeated.before and repeated.outcome == "unknown" and "ask a recipient" in repeated.sentence
        assert len(server.inbox.envelopes) == 1

    def test_a_download_is_written_down(self, server: MailServer, box: Store) -> None:
        """Taking the file twice on a day is one record."""
        for _ in range(2):
            record_download(LETTER, store=box, district_id="d1", actor="ana", now=NOON)
        assert self.outcomes(box) == ["downloaded"]

    def test_a_deleted_district_and_a_purge_leave_no_message(self, server: MailServer, box: Store) -> None:
        """Both take the records away."""
        for take in (
            lambda: box.districts.delete("d1", actor="ana", now=NOON),
            lambda: box.purge(NOON.replace(hour=13), actor="ana", now=NOON),
        ):
            record_download(LETTER, store=box, district_id="d1", actor="ana", now=NOON)
            take()
            assert not box.messages.list("d1")

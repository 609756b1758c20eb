"""A message as a letter and as an .eml file."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from roster_core.errors import InputError
from roster_core.letter import address_list, mailbox, mailboxes, to_eml, to_letter
from roster_core.messages import Message
from roster_core.sharing import sharing_request
from tests.builders import HOMEROOMS, district

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEADERS = {"Subject", "From", "To", "Cc", "Reply-To", "Date", "Message-ID", "MIME-Version", "X-Unsent",
           "Content-Type", "Content-Transfer-Encoding"}  # fmt: skip


def read(written: bytes) -> EmailMessage:
    """A letter as a mail program reads it."""
    return message_from_bytes(written, policy=policy.default)


def test_the_request_as_a_mail() -> None:
    """An .eml file reads back as the letter, from and to whom it was given, lines ending as mail wants them."""
    request = sharing_request(district(), HOMEROOMS)
    message = Message(
        "Règles\nof sharing", request.text, to=("data@district.example", "Ana Díaz <ana@district.example>"),
        cc=("lead@district.example",), sender="SEL team <sel@team.example>", reply_to="answers@team.example",
    )  # fmt: skip
    written = to_eml(message, NOON)
    letter = read(written)

    assert letter.get_content().replace("\r\n", "\n") == request.text
    assert (letter["Subject"], letter["From"]) == ("Règles of sharing", "SEL team <sel@team.example>")
    assert letter["To"] == "data@district.example, Ana Díaz <ana@district.example>"
    assert (letter["Cc"], letter["Reply-To"]) == ("lead@district.example", "answers@team.example")
    assert letter["Date"].datetime == NOON
    assert letter["X-Unsent"] == "1"
    assert b"\n" not in written.replace(b"\r\n", b"")


def test_a_mail_may_lack_its_addresses() -> None:
    """Who does not know the address yet fills it in in the mail program."""
    letter = read(to_eml(Message("Hello", "Text"), NOON))

    assert letter["From"] is None
    assert letter["To"] is None


@pytest.mark.parametrize(
    "address", ["nobody", "a@b.example\nBcc: x@y.example", "a@b.example, c@d.example", "a@", "a@b.example\x00", "a b@c"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    """Neither a word, two addresses, nor a line that would add a header becomes an address."""
    with pytest.raises(InputError, match="address"):
        to_eml(Message("Hello", "Text", to=(address,)), NOON)


@given(some.text(max_size=60), some.text(max_size=60), some.text(max_size=80))
@example("s", "n", "a\r.\rb\n.\n\x00\ud800")
def test_no_text_adds_a_header(subject: str, name: str, body: str) -> None:
    """Whatever stands in subject, name and text, the letter has its own headers and no other."""
    try:
        letter = to_letter(Message(subject, body, to=(f"{name} <a@b.example>",)), NOON, "<1@team.example>")
        written = letter.as_bytes()
    except InputError:
        return
    assert written.isascii() and b"\r" not in written.replace(b"\r\n", b"")
    assert max(map(len, written.splitlines())) < 998
    assert set(read(written).keys()) <= HEADERS
    assert not read(written)["Subject"].defects


@pytest.mark.parametrize("subject", ["", " \n", "x" * 401])
def test_a_subject_is_asked_for(subject: str) -> None:
    """A letter without a subject, or with one nobody reads to its end, is refused."""
    with pytest.raises(InputError, match="subject"):
        to_letter(Message(subject, "Text"), NOON)


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("", ()),
        ("a@b.example; c@d.example,\n e@f.example", ("a@b.example", "c@d.example", "e@f.example")),
        ('"Diaz, Ana" <ana@d.example>, b@d.example', ('"Diaz, Ana" <ana@d.example>', "b@d.example")),
        ("a@b.example, A@B.example", ("A@B.example",)),
    ],
)
def test_addresses_as_people_type_them(text: str, listed: tuple[str, ...]) -> None:
    """Commas, semicolons and lines part addresses; a comma inside quotes does not; none comes twice."""
    assert address_list(text) == listed


def test_bare_addresses() -> None:
    """The address without its name, each once."""
    assert mailbox("SEL team <sel@team.example>") == "sel@team.example"
    assert mailboxes(("A <a@b.example>", "a@b.example")) == ("a@b.example",)

"""A message as a letter that any mail program opens and any mail server takes (RFC 5322), and its addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import getaddresses

from roster_core.errors import InputError
from roster_core.messages import Message

_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
# Longer is no subject that anybody reads; a mail server may refuse it.
_LONGEST_SUBJECT = 400


def to_letter(message: Message, date: datetime, message_id: str = "") -> EmailMessage:
    """The message as a mail server takes it: UTF-8, lines ended as mail wants them.

    `date`: aware. Whatever subject and addresses hold, they add no header. Raises InputError for an address that is
    none, and for a subject that is empty or too long.
    """
    subject = " ".join(message.subject.split())
    if not subject or len(subject) > _LONGEST_SUBJECT:
        raise InputError(f"A message needs a subject of at most {_LONGEST_SUBJECT} letters.")
    letter = EmailMessage(policy=policy.SMTP)
    letter["Subject"] = "".join(sign for sign in subject if sign.isprintable())
    headers = (("From", (message.sender,)), ("To", message.to), ("Cc", message.cc), ("Reply-To", (message.reply_to,)))
    for header, written in headers:
        if addresses := [_address(one) for one in written if one.strip()]:
            letter[header] = addresses
    letter["Date"] = date
    if message_id:
        letter["Message-ID"] = message_id
    # Quoted-printable passes every server as it is: seven bits, short lines, whatever the text holds.
    letter.set_content(_plain(message.body), cte="quoted-printable")
    return letter


def to_eml(message: Message, date: datetime) -> bytes:
    """The message as an `.eml` file, which a mail program opens as one not yet sent. Raises as `to_letter` does."""
    letter = to_letter(message, date)
    # Outlook opens a message that says so for editing instead of for reading.
    letter["X-Unsent"] = "1"
    return letter.as_bytes()


def mailbox(written: str) -> str:
    """The bare address of `Name <address>` or of an address. Raises InputError where it is none."""
    return _address(written).addr_spec


def address_list(text: str) -> tuple[str, ...]:
    """The addresses in a text, commas, semicolons or new lines between them; none twice. Raises InputError."""
    # A comma inside quotes belongs to a name: "Diaz, Ana" <ana@district.example>.
    found = re.findall(r'(?:"[^"\r\n]*"|[^,;"\r\n])+', text)
    listed = [" ".join(part.split()) for part in found if part.strip()]
    return tuple({mailbox(one).casefold(): one for one in listed}.values())


def mailboxes(addresses: Iterable[str]) -> tuple[str, ...]:
    """The bare addresses, in order, none twice. Raises InputError for one that is none."""
    return tuple({box.casefold(): box for box in map(mailbox, addresses)}.values())


def _plain(text: str) -> str:
    """The text with one kind of line end, without control characters and halves of characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "", lines)


def _address(written: str) -> Address:
    named = getaddresses([written])
    if len(named) != 1 or not _MAILBOX.fullmatch(named[0][1]) or not written.strip().isprintable():
        shown = " ".join(written.split())[:80]
        raise InputError(f'"{shown}" is not an e-mail address; write it as name@district.example.')
    return Address(named[0][0], addr_spec=named[0][1])

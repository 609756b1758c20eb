"""A sharing request as a letter file that any mail program opens."""

from __future__ import annotations

import re
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import getaddresses

from roster_core.errors import InputError
from roster_core.sharing import SharingRequest

_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


def to_eml(request: SharingRequest, sender: str, recipient: str, date: datetime) -> bytes:
    """The request as an `.eml` file (RFC 5322, CRLF, UTF-8), which a mail program opens as a message not yet sent.

    `sender`, `recipient`: addresses, also as `Name <address>`; either may be empty, to be filled in there. `date`:
    aware. The message names no student, as the request does not. Raises InputError for an address that is none.
    """
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = " ".join(request.subject.split())
    for header, address in (("From", sender), ("To", recipient)):
        if address.strip():
            message[header] = _address(address)
    message["Date"] = date
    # Outlook opens a message that says so for editing instead of for reading.
    message["X-Unsent"] = "1"
    message.set_content(request.text)
    return message.as_bytes()


def _address(written: str) -> Address:
    named = getaddresses([written])
    if len(named) != 1 or not _MAILBOX.fullmatch(named[0][1]) or len(written.splitlines()) > 1:
        raise InputError(f'"{written}" is not an e-mail address; write it as name@district.example.')
    return Address(named[0][0], addr_spec=named[0][1])

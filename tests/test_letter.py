"""The sharing request as an .eml file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from roster_core.errors import InputError
from roster_core.letter import to_eml
from roster_core.rules import RuleSet
from roster_core.sharing import sharing_request
from tests.builders import HOMEROOMS, district

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_the_request_as_a_mail() -> None:
    """An .eml file reads back as the letter, from and to whom it was given, lines ending as mail wants them."""
    request = replace(sharing_request(district(), HOMEROOMS), subject="Règles\nof sharing")
    written = to_eml(request, "SEL team <sel@team.example>", "data@district.example", NOON)
    read = message_from_bytes(written, policy=policy.default)

    assert read.get_content().replace("\r\n", "\n") == request.text
    assert (read["Subject"], read["From"], read["To"]) == (
        "Règles of sharing",
        "SEL team <sel@team.example>",
        "data@district.example",
    )
    assert read["Date"].datetime == NOON
    assert read["X-Unsent"] == "1"
    assert b"\n" not in written.replace(b"\r\n", b"")


def test_a_mail_may_lack_its_addresses() -> None:
    """Who does not know the address yet fills it in in the mail program."""
    read = message_from_bytes(to_eml(sharing_request(district(), RuleSet()), "", " ", NOON), policy=policy.default)

    assert read["From"] is None
    assert read["To"] is None


@pytest.mark.parametrize("address", ["nobody", "a@b.example\nBcc: x@y.example", "a@b.example, c@d.example", "a@"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    """Neither a word, two addresses, nor a line that would add a header becomes an address."""
    with pytest.raises(InputError, match="address"):
        to_eml(sharing_request(district(), RuleSet()), "", address, NOON)

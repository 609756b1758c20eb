"""What a deployment may choose, as frozen values. Where they are read from is no business of this module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from roster_core.people import People

Severity = Literal["blocker", "warning", "off"]

SecondPerson = Literal["off", "held", "every"]

#: Which changes a second person approves: none, held ones and restores, or every commit.
SECOND_PERSON: Final[tuple[SecondPerson, ...]] = ("off", "held", "every")

#: What a preflight check may be set to.
SEVERITIES: Final[tuple[Severity, ...]] = ("blocker", "warning", "off")

#: The student fields a deployment may require.
REQUIRABLE_FIELDS: Final = ("student_number", "first_name", "last_name", "birthdate", "grade")


class Secret:
    """A text that no repr, log or page shows; only `reveal` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one call that needs it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "********" if self._text else "(empty)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Expected:
    """What a district was expected to share: headcounts by school id and by grade, in students."""

    schools: Mapping[str, int] = field(default_factory=dict)
    grades: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Profile:
    """What the preflight asks of a roster. The defaults are the published ones."""

    #: Student fields that must be there, of `REQUIRABLE_FIELDS`.
    required: tuple[str, ...] = REQUIRABLE_FIELDS
    #: Finding code -> severity, where it is not the usual one.
    severities: Mapping[str, Severity] = field(default_factory=dict)
    #: Hours after which a fetched roster is stale.
    stale_hours: float = 24
    #: Days after which Clever's own last sync from the district is old.
    sync_old_days: float = 3
    #: Students above which a section is large.
    section_large: int = 40
    #: Grades above which a section is mixed.
    max_section_grades: int = 2
    #: Share of the current students that may go before a person must approve.
    hold_removed: float = 0.10
    #: Share of the current students that may move or change before a person must approve.
    hold_changed: float = 0.75
    expected: Expected = field(default_factory=Expected)


@dataclass(frozen=True, slots=True)
class Clever:
    """How to reach Clever: client id and secret for all connected districts, or one district's token."""

    client_id: str = ""
    client_secret: Secret = field(default_factory=Secret)
    district_token: Secret = field(default_factory=Secret)
    api_url: str = "https://api.clever.com"
    oauth_url: str = "https://clever.com"
    api_version: str = "v3.0"

    @property
    def configured(self) -> bool:
        """Whether there is anything to sign in with."""
        return bool(self.district_token) or bool(self.client_id and self.client_secret)


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server messages go through. security: `starttls`, `tls` (from the first byte) or `none` (loopback)."""

    host: str = ""
    port: int = 587
    user: str = ""
    password: Secret = field(default_factory=Secret)
    #: The sender, as `Name <address>` or an address.
    sender: str = ""
    security: str = "starttls"

    @property
    def configured(self) -> bool:
        """Whether messages can be sent from here; they can always be downloaded."""
        return bool(self.host)


@dataclass(frozen=True, slots=True)
class Messages:
    """What messages say of those who write them, and where their templates are."""

    #: Who signs.
    team: str = "The SEL team"
    #: Where answers go, as `Name <address>` or an address; the sender where it is empty.
    reply_to: str = ""
    #: Who always gets Ready To Assess.
    ready_recipients: tuple[str, ...] = ()
    #: Where a district requests to connect.
    connect_link: str = ""
    #: A folder of reworded templates; what is not there is taken as shipped.
    templates_dir: Path | None = None


@dataclass(frozen=True, slots=True)
class Launch:
    """How many business days things take on the way to a launch."""

    #: Business days before the window opens on which a launch is proposed.
    lead_days: int = 3
    #: Business days after which a request is chased.
    chase_days: int = 3


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a deployment chose. `database_url` may hold a password, so no repr shows it."""

    #: SQLAlchemy URL of the store.
    database_url: str = field(default="sqlite:///var/roster.sqlite3", repr=False)
    clever: Clever = field(default_factory=Clever)
    #: SELweb's roster service; empty where it is not connected.
    selweb_url: str = ""
    selweb_token: Secret = field(default_factory=Secret)
    #: Days a fetched roster is kept.
    retention_days: int = 400
    #: What the pages call the product the roster goes to.
    product_name: str = "SELweb"
    #: Whether people sign in: there is an [auth] table in the secrets file.
    sign_in: bool = False
    people: People = field(default_factory=People)
    #: Hours after which somebody must sign in again.
    session_hours: float = 12
    #: Which changes a second person approves, where several may commit.
    second_person: SecondPerson = "held"
    #: Who the command line acts for; empty where it was not said.
    operator: str = ""
    profile: Profile = field(default_factory=Profile)
    mail: Mail = field(default_factory=Mail)
    messages: Messages = field(default_factory=Messages)
    launch: Launch = field(default_factory=Launch)

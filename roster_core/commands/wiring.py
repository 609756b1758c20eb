"""What the commands need from outside: DATA, rule files, the settings, the store, Clever, and where a roster goes."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from roster_core.errors import InputError, RuleError
from roster_core.roster import Progress, Roster
from roster_core.rule_file import LARGEST_FILE
from roster_core.rules import RuleSet
from roster_core.sample import sample_district
from roster_core.settings import Settings

if TYPE_CHECKING:
    from roster_core.adapters.clever import CleverClient
    from roster_core.adapters.store import Store
    from roster_core.commit import Target

_SAMPLE = re.compile(r"sample:(\d{1,9})(?::(\d{1,9}))?")


#: The operator the command acts for, as receipts name them; empty where nobody signs in.
ACTOR: Final[ContextVar[str]] = ContextVar("ACTOR", default="")


@dataclass(frozen=True, eq=False)
class Loaded:
    """A roster as a command was given it: `fresh` where this command read it from files or made it up."""

    roster: Roster
    district_id: str
    fresh: bool


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def actor() -> str:
    """Who runs the command, for receipts and the activity log: the named operator, else this machine's user."""
    if ACTOR.get():
        return ACTOR.get()
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError, ImportError):
        # A container may run as a user without a name.
        return "command line"


def is_from_clever(data: str) -> bool:
    """Whether DATA names a district of Clever, which is fetched with this app's token."""
    return data == "clever" or data.startswith("clever:")


def load_data(data: str, progress: Progress | None = None, *, district: str = "") -> Loaded:
    """The roster DATA names: a path, `sample:STUDENTS[:SEED]`, `clever` or `clever:DISTRICT_ID`.

    `district` is the id the person gave it; without one it is the folder's or file's name,
    `sample`, or Clever's id. Raises InputError, or ServiceError when Clever fails.
    """
    district = district.strip()
    if is_from_clever(data):
        roster = _pulled(data.partition(":")[2], progress)
        return Loaded(roster, district or roster.district.id, fresh=False)
    if data.startswith("sample:"):
        return Loaded(_sample(data), district or "sample", fresh=True)
    from roster_core.adapters.loading import load

    path = Path(data)
    roster = load(path, now=now(), progress=progress)
    whole = path.resolve()
    return Loaded(roster, district or (whole.name if whole.is_dir() else whole.stem), fresh=True)


def read_rules(file: Path) -> RuleSet:
    """The rule set in a file. Raises InputError where it cannot be read, RuleError where it is no rule file."""
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"The rule file {file} cannot be read: {reason}. Check the path after --rules.") from error
    try:
        return RuleSet.from_json(content)
    except RuleError as error:
        raise RuleError(error.problems, str(file)) from error


def read_moment(text: str) -> datetime:
    """An ISO date or date and time, in UTC where it names no zone. Raises InputError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f'--as-of: "{text}" is not a date; write it like 2026-09-01.') from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def settings() -> Settings:
    """The settings in force. Raises `SettingsError` with every problem."""
    from roster_core.adapters.configuration import read_settings

    return read_settings()


@contextmanager
def opened_store(chosen: Settings) -> Iterator[Store]:
    """The store, closed again when the command ends."""
    from roster_core.adapters.store import open_store

    store = open_store(chosen.database_url)
    try:
        yield store
    finally:
        store.close()


def clever_client(chosen: Settings) -> CleverClient:
    """Clever as the settings name it. Raises InputError where they name nothing."""
    from roster_core.adapters.clever import CleverClient

    return CleverClient(chosen.clever)


def target_for(to: str, store: Store, chosen: Settings) -> Target:
    """Where a roster goes: `embedded`, `http` or `oneroster:OUT.zip`. Raises InputError for anything else."""
    kind, _, rest = to.partition(":")
    if to == "embedded":
        from roster_core.adapters.selweb import EmbeddedTarget

        return EmbeddedTarget(store, product=chosen.product_name, began=store.activity.newest())
    if to == "http":
        if not chosen.selweb_url:
            raise InputError(f"{chosen.product_name} is not connected. Set SELWEB_URL and SELWEB_TOKEN.")
        from roster_core.adapters.selweb_http import HttpTarget

        return HttpTarget(store, chosen.selweb_url, chosen.selweb_token, product=chosen.product_name)
    if kind == "oneroster" and rest:
        from roster_core.adapters.oneroster_export import OneRosterTarget

        return OneRosterTarget(store, Path(rest), product=chosen.product_name)
    raise InputError(f'--to: "{to}" is not a place to commit to; expected embedded, http or oneroster:OUT.zip.')


def _sample(data: str) -> Roster:
    asked = _SAMPLE.fullmatch(data)
    if not asked:
        raise InputError(f'"{data}" is not sample data; write sample:STUDENTS or sample:STUDENTS:SEED.')
    return sample_district(int(asked[1]), int(asked[2])) if asked[2] else sample_district(int(asked[1]))


def _pulled(district_id: str, progress: Progress | None) -> Roster:
    client = clever_client(settings())
    if not district_id:
        districts = client.districts()
        if len(districts) != 1:
            listed = "".join(f"\n  clever:{district.id}  {district.name}" for district in districts)
            raise InputError(
                f"Clever shares {len(districts):,} districts; name one:{listed}"
                if districts
                else "Clever shares no district with this app yet. A district must accept it in Clever first."
            )
        district_id = districts[0].id
    return client.pull(district_id, progress)

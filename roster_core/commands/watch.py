"""The command that keeps watch after a commit: drift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from roster_core.commands.speech import json_option, progress_line, say
from roster_core.commands.wiring import actor, clever_client, now, opened_store, settings
from roster_core.commit import Receipt
from roster_core.digest import Watched
from roster_core.drift import Drift, drifted
from roster_core.drift import drift as compare
from roster_core.errors import InputError, Refusal, ServiceError
from roster_core.letter import address_list
from roster_core.plan import CurrentRoster
from roster_core.roster import Progress, Roster
from roster_core.rules import RuleSet
from roster_core.settings import Settings

if TYPE_CHECKING:
    from roster_core.adapters.clever import CleverClient
    from roster_core.adapters.store import Store

_UNKNOWN = "There is no newer roster to compare with. Load the district, in Districts or with pull."
_LOST = (
    "Clever no longer connects this district to this app, so nobody can tell what changed. "
    "Ask the district to accept the app in Clever again."
)


@click.command()
@click.argument("district_ids", nargs=-1, metavar="[DISTRICT_ID]...")
@click.option("--all", "every", is_flag=True, help="Every district with a roster in force, as without a name.")
@click.option("--mail", default="", metavar="ADDRESSES", help="Send what needs a person to these, comma between them.")
@click.option("--always", is_flag=True, help="With --mail: also where nothing needs a person.")
@json_option
def drift(district_ids: tuple[str, ...], every: bool, mail: str, always: bool, as_json: bool) -> int:
    """What changed at the source since the last commit; all districts where none is named.

    Fetches each district, which becomes its newest roster. Exits with 1 where something needs a
    person, with 3 where a district could not be checked; the others are told all the same.
    """
    if every and district_ids:
        raise InputError("--all is every district; leave out the ids, or leave out --all.")
    if always and not mail:
        raise InputError("--always is about the message: say to whom with --mail.")
    chosen, recipients = settings(), address_list(mail)
    if recipients and not chosen.mail.configured:
        raise InputError("No mail server is set up. Set SMTP_HOST and SMTP_FROM, or leave out --mail.")
    with progress_line() as progress, opened_store(chosen) as store:
        in_force = store.ledger.current_receipts()
        unknown = set(district_ids) - {receipt.district_id for receipt in in_force}
        if unknown:
            raise InputError(f'District "{min(unknown)}" has no roster in force, so nothing can have drifted from it.')
        receipts = [receipt for receipt in in_force if not district_ids or receipt.district_id in district_ids]
        client = clever_client(chosen) if chosen.clever.configured else None
        source = _Source(store, client, chosen, progress)
        watched = [source.watched(receipt) for receipt in receipts]
        unmailed = _mailed(watched, recipients, store, chosen, always=always) if recipients else 0
    for one in watched:
        if one.failed:
            click.echo(f"Error: {one.district_id}: {one.problem}", err=True)
    say(_told(watched), [_document(one) for one in watched], as_json)
    return max(_exit_code(watched), unmailed)


class _Source:
    """Where the newest roster of a district is: Clever where it shares the district, else the store."""

    def __init__(self, store: Store, client: CleverClient | None, chosen: Settings, progress: Progress) -> None:
        self._store, self._client, self._profile, self._progress = store, client, chosen.profile, progress
        # With one district's token nobody can tell whether another district is still connected.
        self._whole = bool(chosen.clever.client_id)
        self._shared: set[str] = set()
        self._problem = ""
        self._kept: set[str] = set()
        self._began = store.activity.newest()
        self._newest: dict[str, tuple[Roster | None, str]] = {}
        try:
            self._shared = {district.id for district in client.districts()} if client else set()
        except ServiceError as error:
            # Districts that are not from Clever are still told; those that are say what failed.
            self._problem = str(error)

    def watched(self, receipt: Receipt) -> Watched:
        """What became of one roster in force; a failure is told and not raised, so that the others are told too."""
        named = (receipt.district_id, receipt.district_name, receipt.target, receipt.receipt_id)
        from_clever = self._is_from_clever(receipt.district_id)
        if from_clever and self._problem:
            return Watched(*named, problem=self._problem, failed=True)
        if from_clever and self._client and self._whole and receipt.district_id not in self._shared:
            return Watched(*named, problem=_LOST, lost=True)
        try:
            fresh, source = self._newest_of(receipt.district_id)
            if fresh is None:
                return Watched(*named, problem=_UNKNOWN)
            found = self._drift(receipt, fresh)
            if receipt.district_id not in self._kept:
                # Receipts come newest first: at a glance a district shows the drift since its last commit.
                self._store.known.keep_drift(receipt.district_id, drifted(found, fresh.fingerprint, now()))
                self._kept.add(receipt.district_id)
            return Watched(*named, drift=found, source=source)
        except (ServiceError, InputError, Refusal) as error:
            return Watched(*named, problem=str(error), failed=True)

    def _drift(self, receipt: Receipt, fresh: Roster) -> Drift:
        rows = self._store.ledger.rows(receipt.receipt_id)
        committed = CurrentRoster(receipt.receipt_id, rows, receipt.rule_set_json)
        return compare(committed, fresh, RuleSet.from_json(receipt.rule_set_json), before=self._committed_from(receipt))

    def _committed_from(self, receipt: Receipt) -> Roster | None:
        stored = {info.fingerprint for info in self._store.rosters.history(receipt.district_id)}
        if receipt.fingerprint not in stored:
            return None
        return self._store.rosters.load(receipt.fingerprint, receipt.district_id)

    def _is_from_clever(self, district_id: str) -> bool:
        known = self._store.rosters.latest(district_id)
        return district_id in self._shared or (known is not None and known.source == "clever")

    def _newest_of(self, district_id: str) -> tuple[Roster | None, str]:
        """The newest roster and how it came, fetched once though the district may be committed to several targets."""
        if district_id not in self._newest:
            self._newest[district_id] = self._fetched(district_id)
        return self._newest[district_id]

    def _fetched(self, district_id: str) -> tuple[Roster | None, str]:
        from roster_core.adapters.keeping import Keeper

        if self._client is not None and district_id in self._shared:
            # The list of districts shows in the morning what came overnight.
            keeper = Keeper(self._store, actor(), "embedded", self._profile, now, self._began)
            refreshed = keeper.fetch(self._client, district_id, self._progress).refreshed
            return refreshed.roster, refreshed.source
        known = self._store.rosters.latest(district_id)
        if known is None:
            return None, ""
        return self._store.rosters.load(known.fingerprint, district_id), f"loaded on {known.fetched_at:%Y-%m-%d}"


def _mailed(
    watched: Sequence[Watched], to: tuple[str, ...], store: Store, chosen: Settings, *, always: bool
) -> int:
    """Sends what was found where a person is needed (or always), and gives the exit code.

    A mail server that fails hides nothing of what was found.
    """
    from roster_core.adapters.posting import post_digest

    try:
        told = post_digest(watched, to, store=store, chosen=chosen, actor=actor(), now=now(), always=always)
        click.echo(told.sentence, err=True)
    except ServiceError as error:
        click.echo(f"Error: {error}", err=True)
        return error.exit_code
    return 0


def _exit_code(watched: Sequence[Watched]) -> int:
    """3 where a district could not be checked: the answer is not whole. Else 1 where something needs a person."""
    if any(one.failed for one in watched):
        return ServiceError.exit_code
    return Refusal.exit_code if any(one.needs_person for one in watched) else 0


def _told(watched: Sequence[Watched]) -> list[str]:
    lines: list[str] = []
    for one in watched:
        lines.append(f"{one.district_id}  {one.target}  {one.verdict}")
        lines += [f"  {sentence}" for sentence in one.sentences]
    return lines or ["Nothing was committed yet."]


def _document(one: Watched) -> dict[str, object]:
    named = {"district_id": one.district_id, "target": one.target, "receipt_id": one.receipt_id}
    told = {"compared": one.drift is not None, "needs_person": one.needs_person}
    counts = one.drift.counts if one.drift else {}
    wrong = {"error": one.problem} if one.failed else {}
    return {**named, **told, **counts, "sentences": one.sentences, "source": one.source, **wrong}

"""Clever's Data API, v3.0 and v3.1: which districts are connected, and one district's roster.

Facts about the API that this relies on are from dev.clever.com: "Paging and limits", "Error
messages", "Onboarding".
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

import pandas as pd
from requests.auth import AuthBase

from roster_core.adapters.clever_pages import pages_of
from roster_core.adapters.clever_records import Record, read_page
from roster_core.adapters.clever_tables import Collected, district_of, text_of
from roster_core.adapters.http import Basic, Bearer, Gateway
from roster_core.assembly import assemble, load_findings
from roster_core.errors import InputError, ServiceError
from roster_core.roster import District, Progress, Roster
from roster_core.settings import Clever, Secret

#: Records a page: the most Clever gives; above it answers 413.
LIMIT = 10_000
#: How often a pull during which Clever synced with the district is taken again.
REPEATS = 2

# table -> path and role. The order is Clever's own, so that what refers comes after what it refers to.
_LISTS: dict[str, tuple[str, dict[str, str]]] = {
    "schools": ("schools", {}),
    "terms": ("terms", {}),
    "courses": ("courses", {}),
    "students": ("users", {"role": "student"}),
    "teachers": ("users", {"role": "teacher"}),
    "sections": ("sections", {}),
}

_NOT_SHARED = "Check in Clever that the district shares its data with this app and that the app has Secure Sync."
_API_ADVICE = {
    401: "The district's token was refused. Connect the district again, or check CLEVER_DISTRICT_TOKEN.",
    403: _NOT_SHARED,
    404: _NOT_SHARED,
    413: "Not even a page of a few records is given. Try again later.",
}
_OAUTH_ADVICE = {401: "Check CLEVER_CLIENT_ID and CLEVER_CLIENT_SECRET."}


@dataclass(frozen=True, slots=True)
class CleverDistrict:
    """A district connected to this app. `error` says why nothing could be read of it; empty where it could.

    `state`, `last_sync`, `sync_error` and the pauses are Clever's own words; all are empty where there is an error.
    """

    id: str
    name: str = ""
    state: str = ""
    last_sync: str = ""
    error: str = ""
    sync_error: str = ""
    pause_start: str = ""
    pause_end: str = ""
    token: Secret = Secret()


class CleverClient:
    """Reads Clever with an app's id and secret (every connected district) or with one district's token.

    `sleep` takes seconds, `clock` gives Unix seconds, `jitter` a number from 0 to 1. One client may
    serve several threads: each call has a session of its own.
    """

    def __init__(
        self,
        clever: Clever,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Nothing is asked yet. Raises InputError where there is nothing to sign in with."""
        if not clever.configured:
            raise InputError(
                "Clever is not connected. Set CLEVER_CLIENT_ID and CLEVER_CLIENT_SECRET, or CLEVER_DISTRICT_TOKEN."
            )
        self._clever = clever
        self._sleep, self._clock, self._jitter = sleep, clock, jitter

    def districts(self, progress: Progress | None = None) -> list[CleverDistrict]:
        """The connected districts by name; one that cannot be read is among them with its error.

        Raises ServiceError where the list itself cannot be read, InputError for wrong settings.
        """
        if not self._has_app:
            with self._api(self._clever.district_token) as gateway:
                return [_described(self.district(gateway, "", progress), self._clever.district_token)]
        tokens = self._tokens(progress=progress)
        found = []
        for done, (district_id, token) in enumerate(tokens.items()):
            if progress:
                progress("Districts", done, len(tokens))
            try:
                with self._api(token, district_id) as gateway:
                    found.append(_described(self.district(gateway, district_id, progress), token))
            except (ServiceError, InputError) as error:
                # One district's token must not keep the others from being listed; it is shown beside them.
                found.append(CleverDistrict(district_id, error=str(error), token=token))
        return sorted(found, key=lambda district: (district.name == "", district.name, district.id))

    def pull(self, district_id: str, progress: Progress | None = None) -> Roster:
        """All that a district shares, as a roster.

        `progress` is told of each page and of each second of waiting. A pull during which Clever
        synced with the district is taken again, twice at most, and then kept with the finding
        `pull-straddled-sync`. Raises ServiceError where Clever fails, InputError for a district
        that is not connected.
        """
        with self.connect(district_id, progress) as gateway:
            before = self.district(gateway, district_id, progress)
            for repeat in range(REPEATS + 1):
                started = self.now()
                collected = self._collect(gateway, "Clever has new data, again: " if repeat else "", progress)
                after = self.district(gateway, district_id, progress)
                straddled, before = after.last_sync != before.last_sync, after
                if not straddled:
                    break
        if progress:
            progress("Putting the roster together", 0, None)
        tables, findings = collected.tables({"students": "users?role=student", "teachers": "users?role=teacher"})
        if straddled:
            findings = pd.concat([findings, _straddled(district_id)], ignore_index=True)
        return assemble(tables, district=after, source="clever", fetched_at=started, findings=findings)

    def connect(self, district_id: str, progress: Progress | None = None) -> Gateway:
        """The data API signed with a district's token; use it in a `with`. Raises as `pull` does."""
        token = self._token(district_id, progress) if self._has_app else self._clever.district_token
        return self._api(token, district_id)

    def district(self, gateway: Gateway, district_id: str, progress: Progress | None) -> District:
        """What Clever says of the district a connection is of. Raises ServiceError where it is of another one."""
        answer = gateway.request("GET", f"/{self._clever.api_version}/districts", read=read_page, progress=progress)
        listed = [district_of(record) for record in answer.value.records]
        meant = [district for district in listed if district.id and district.id == (district_id or district.id)]
        if not meant:
            other = f", but of {listed[0].id}" if listed else ""
            raise ServiceError(f"Clever's token is not of district {district_id}{other}. Check the settings.")
        return meant[0]

    def address(self, path: str, query: Mapping[str, str | int]) -> str:
        """The address of a list of the data API, in the version of the settings."""
        return f"/{self._clever.api_version}/{path}?{urlencode(query)}"

    def now(self) -> datetime:
        """This moment by the client's clock, in UTC."""
        return datetime.fromtimestamp(self._clock(), UTC)

    @property
    def _has_app(self) -> bool:
        return bool(self._clever.client_id and self._clever.client_secret)

    def _collect(self, gateway: Gateway, again: str, progress: Progress | None) -> Collected:
        collected = Collected()
        for table, (path, query) in _LISTS.items():
            what, count = f"{again}{table}".capitalize(), 0
            if progress:
                progress(what, 0, None)
            address = self.address(path, {**query, "limit": LIMIT})
            for page in pages_of(gateway, address, read_page, progress):
                count = collected.add(table, page.records)
                if progress:
                    progress(what, count, None)
        return collected

    def _api(self, token: Secret, district_id: str = "") -> Gateway:
        """The data API, signed with a district's token, which is read again once should it be refused."""
        renewable = self._has_app and bool(district_id)
        return self._gateway(
            self._clever.api_url,
            sign=Bearer(token),
            renew=(lambda: Bearer(self._token(district_id, None))) if renewable else None,
            advice=_API_ADVICE,
        )

    def _token(self, district_id: str, progress: Progress | None) -> Secret:
        tokens = self._tokens({"district": district_id}, progress)
        if district_id not in tokens:
            raise InputError(
                f'Clever shares no district "{district_id}" with this app.'
                " Check the id, or ask the district to accept the app in Clever."
            )
        return tokens[district_id]

    def _tokens(self, query: dict[str, str] | None = None, progress: Progress | None = None) -> dict[str, Secret]:
        """The token of each connected district by its id; of several the newest."""
        sign = Basic(self._clever.client_id, self._clever.client_secret)
        found: dict[str, tuple[str, Secret]] = {}
        address = f"/oauth/tokens?{urlencode({'owner_type': 'district', **(query or {})})}"
        with self._gateway(self._clever.oauth_url, sign=sign, renew=None, advice=_OAUTH_ADVICE) as gateway:
            for page in pages_of(gateway, address, read_page, progress):
                for record in page.records:
                    owner, made = _owner(record), text_of(record.created)
                    if owner and made >= found.get(owner, ("",))[0]:
                        found[owner] = made, Secret(text_of(record.access_token))
        return {owner: token for owner, (_, token) in found.items()}

    def _gateway(
        self, url: str, *, sign: AuthBase, renew: Callable[[], AuthBase] | None, advice: dict[int, str]
    ) -> Gateway:
        return Gateway(
            url,
            name="Clever",
            sign=sign,
            renew=renew,
            advice=advice,
            sleep=self._sleep,
            clock=self._clock,
            jitter=self._jitter,
        )


def _owner(record: Record) -> str:
    """The id of the district a token is of; the empty text for a token of something else."""
    owner = record.owner if isinstance(record.owner, dict) else {}
    return text_of(owner.get("id")) if owner.get("type", "district") == "district" else ""


def _described(district: District, token: Secret) -> CleverDistrict:
    return CleverDistrict(
        district.id,
        name=district.name,
        state=district.state,
        last_sync=district.last_sync,
        sync_error=district.error,
        pause_start=district.pause_start,
        pause_end=district.pause_end,
        token=token,
    )


def _straddled(district_id: str) -> pd.DataFrame:
    message = (
        f"Clever synced with the district during each of {REPEATS + 1} pulls, so that old and new records may be mixed."
        " Fetch it again in an hour."
    )
    return load_findings("pull-straddled-sync", "warning", "clever", [0], [district_id], [message])

"""A small eventful district on a Clever of its own, and what was fetched of it last."""

from __future__ import annotations

import random
from dataclasses import dataclass

from roster_core.adapters.clever_events import Fetched, fetch
from roster_core.roster import Roster
from tests.adapters.awkward_clever import AwkwardClever, FakeClock, Manners
from tests.adapters.clever_district import OAK, a_client, a_district
from tests.adapters.eventful_clever import Eventful

HOUR = 3_600.0


@dataclass
class Watch:
    """An eventful district, the server it is on, and what was fetched last."""

    server: AwkwardClever
    clock: FakeClock
    district: Eventful
    last: Fetched | None = None

    @property
    def district_id(self) -> str:
        """The district's id."""
        return self.server.district_id(OAK)

    def fetch(self) -> Fetched:
        """Fetches an hour later, from where the last fetch ended."""
        self.clock.now += HOUR
        last = self.last
        self.last = fetch(
            a_client(self.server, self.clock),
            self.district_id,
            cursor=last.cursor if last else None,
            stored=lambda: last.roster if last else None,
        )
        return self.last

    def pulled(self) -> Roster:
        """The district pulled in full."""
        return a_client(self.server, self.clock).pull(self.district_id)


class Watched:
    """A watch over a small district that was pulled in full once."""

    def __init__(self, seed: int, manners: Manners | None = None) -> None:
        self.clock = FakeClock()
        district = Eventful(a_district(students=9, sections=4, seed=seed), self.clock, random.Random(seed))
        self.server = AwkwardClever({OAK: district.lists}, clock=self.clock.time, manners=manners or Manners())
        self.watch = Watch(self.server, self.clock, district)

    def __enter__(self) -> Watch:
        self.server.__enter__()
        assert self.watch.fetch().events is None
        return self.watch

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

"""A district that changes, and tells of it as Clever does: every change is in its lists and in its events."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.adapters.awkward_clever import FakeClock, Lists
from tests.adapters.clever_district import a_section, a_student

_KINDS = ("schools", "terms", "courses", "users", "sections")


@dataclass
class Eventful:
    """One district's lists, with its events in `lists["events"]`; `change` does something random to it."""

    lists: Lists
    clock: FakeClock
    chosen: random.Random
    made: int = 0
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mark = self.lists["districts"][0]["id"].removesuffix("-district")
        self.lists.setdefault("events", [])
        self.sync()

    def tell(self, kind: str, verb: str, record: dict[str, Any], before: dict[str, Any] | None = None) -> None:
        """Adds an event as Clever writes it."""
        self.made += 1
        moment = datetime.fromtimestamp(self.clock.now, UTC)
        told = {"object": copy.deepcopy(record)} | ({"previous_attributes": before} if verb == "updated" else {})
        created = f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
        event = {"id": f"{self.made:024x}", "type": f"{kind}.{verb}", "created": created, "data": told}
        self.lists["events"].append(event)

    def sync(self) -> None:
        """Clever synced with the district; its time of the last sync is another one, and an event says so."""
        district = self.lists["districts"][0]
        district["last_sync"] = datetime.fromtimestamp(self.clock.now, UTC).isoformat()
        self.tell("districts", "updated", district, {})

    def put(self, kind: str, record: dict[str, Any]) -> None:
        """Adds a record, or writes a known one anew."""
        known = next((each for each in self.lists[kind] if each["id"] == record["id"]), None)
        if known is None:
            self.lists[kind].append(copy.deepcopy(record))
            self.tell(kind, "created", record)
        elif known != record:
            self.lists[kind][self.lists[kind].index(known)] = copy.deepcopy(record)
            self.tell(kind, "updated", record, {"name": known.get("name")})

    def take(self, kind: str, record: dict[str, Any]) -> None:
        """Takes a record away; it may come back with its old id."""
        self.lists[kind].remove(record)
        self.taken.append((kind, record))
        self.tell(kind, "deleted", record)

    def change(self) -> None:
        """One change of a random kind."""
        self.chosen.choice(
            (self._rename, self._rename, self._enroll, self._enroll, self._move, self._student, self._section,
             self._other, self._promote, self._take, self._take, self._back, self.sync)
        )()  # fmt: skip

    def _pick(self, kind: str, role: str = "") -> dict[str, Any] | None:
        known = [each for each in self.lists[kind] if not role or role in each["roles"]]
        return copy.deepcopy(self.chosen.choice(known)) if known else None

    def _rename(self) -> None:
        kind = self.chosen.choice(_KINDS)
        if record := self._pick(kind):
            word = self.chosen.choice(("Renamed", "Anew", "ÉÑ", ""))
            named = {"first": word, "last": "X"} if kind == "users" else f"{word} {self.made}"
            self.put(kind, {**record, "name": named})

    def _enroll(self) -> None:
        if section := self._pick("sections"):
            students = [each["id"] for each in self.lists["users"] if "student" in each["roles"]]
            size = self.chosen.randrange(len(students) + 1)
            self.put("sections", {**section, "students": self.chosen.sample(students, size)})

    def _move(self) -> None:
        section, school, teacher = self._pick("sections"), self._pick("schools"), self._pick("users", "teacher")
        if section and school and teacher:
            self.put("sections", {**section, "school": school["id"], "teacher": teacher["id"], "teachers": []})

    def _student(self) -> None:
        self.made += 1
        school = self._pick("schools")
        made = a_student(
            self.mark, f"{self.mark}-student-{self.made:05}", self.made, self.chosen.choice(("1", "x", ""))
        )
        made["roles"]["student"]["school"] = made["roles"]["student"]["schools"][0] = school["id"] if school else ""
        self.put("users", made)

    def _section(self) -> None:
        self.made += 1
        teachers = [each["id"] for each in self.lists["users"] if "teacher" in each["roles"]]
        student, term, school = self._pick("users", "student"), self._pick("terms"), self._pick("schools")
        made = a_section(self.mark, self.made, teachers * 5 or [""] * 5, [student["id"]] if student else [])
        made |= {"course": "", "term_id": term["id"] if term else "", "school": school["id"] if school else ""}
        self.put("sections", made)

    def _other(self) -> None:
        kind = self.chosen.choice(("terms", "courses", "schools"))
        self.made += 1
        self.put(kind, {"id": f"{self.mark}-{kind}-{self.made}", "name": f"New {self.made}"})

    def _promote(self) -> None:
        """A teacher is a member of the staff too, or no teacher any more."""
        if user := self._pick("users", "teacher"):
            roles = self.chosen.choice(({"teacher": {}, "staff": {}}, {"staff": {}}))
            self.put("users", {**user, "roles": roles})

    def _take(self) -> None:
        kind = self.chosen.choice(_KINDS)
        if self.lists[kind] and (kind != "users" or len(self.lists[kind]) > 5):
            self.take(kind, self.chosen.choice(self.lists[kind]))

    def _back(self) -> None:
        if self.taken:
            kind, record = self.taken.pop(self.chosen.randrange(len(self.taken)))
            if all(each["id"] != record["id"] for each in self.lists[kind]):
                self.put(kind, record)

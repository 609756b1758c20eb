"""What was done, in words: each action of the activity log as a sentence made of its detail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from roster_core.activity import ActivityEntry
from roster_core.wording import counted

Detail = Mapping[str, object]

#: What entries are about, as a person narrows a list down.
KINDS: Mapping[str, str] = {
    "rosters": "Rosters loaded",
    "rules": "Rules",
    "views": "Names seen and files taken",
    "commits": "Checks, commits and approvals",
    "launch": "Launch steps and messages",
    "deletions": "Deletions",
    "other": "Other",
}

_SOURCES: Mapping[str, str] = {
    "clever": "from Clever",
    "clever-csv": "from Clever files",
    "clever-files": "from Clever answers",
    "oneroster": "from OneRoster files",
    "sample": "made up here",
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One action of the log: what it is about (a key of `KINDS`), and its sentence."""

    kind: str
    sentence: Callable[[Detail], str]


def kind_of(action: str) -> str:
    """What an action is about; `other` for one this version does not know."""
    return DEEDS[action].kind if action in DEEDS else "other"


def sentence(entry: ActivityEntry) -> str:
    """What was done, in one sentence; an action nobody described is told as it stands, with its detail."""
    deed = DEEDS.get(entry.action)
    if deed is not None:
        return deed.sentence(entry.detail)
    told = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in entry.detail.items() if value not in ("", []))
    action = entry.action.replace("-", " ").capitalize()
    return f"{action}: {told}." if told else f"{action}."


def _loaded(detail: Detail) -> str:
    source = _SOURCES.get(str(detail.get("source", "")), "")
    sizes = [_count(detail, "students", "student"), _count(detail, "sections", "section")]
    counts = ", ".join(size for size in sizes if size)
    withheld = _count(detail, "withheld", "student")
    without = f" {withheld} outside the scope kept without names." if withheld else ""
    parts = " ".join(part for part in (_roster(detail), source) if part)
    return f"Loaded {parts}{f': {counts}' if counts else ''}.{without}"


def _saved(detail: Detail) -> str:
    looking = f", working on {_roster(detail)}" if detail.get("fingerprint") else ""
    return f"Saved the rules as version {detail.get('version', '?')}{looking}."


def _checked(detail: Detail) -> str:
    blockers = _number(detail, "blockers")
    verdict = "ready" if not blockers else f"{_count(detail, 'blockers', 'blocker')}"
    return f"Checked {_roster(detail)} under {_rules(detail)}: {verdict}."


def _committed(verb: str) -> Callable[[Detail], str]:
    def told(detail: Detail) -> str:
        students = _count(detail, "students", "student") or "0 students"
        changes = ", ".join(f"{_number(detail, name):,} {word}" for name, word in _CHANGES if _number(detail, name))
        approved = " A large change, approved with a reason." if detail.get("approval_hash") else ""
        first = f"{verb} {students}{f' ({changes})' if changes else ''} of {_roster(detail)} under {_rules(detail)}"
        return f"{first}: receipt {detail.get('receipt_id', '?')}.{approved}"

    return told


def _moves(verb: str) -> Callable[[Detail], str]:
    def told(detail: Detail) -> str:
        students = _count(detail, "students", "student") or "0 students"
        against = f"against receipt {detail.get('receipt_id', '?')}"
        return f"{verb} the moves and removals of {students} in an open window, {against}."

    return told


_CHANGES = (("added", "new"), ("moved", "moved"), ("updated", "updated"), ("removed", "removed"))


def _downloaded(detail: Detail) -> str:
    """A file taken out; whether children's names were in it is said either way."""
    names = "with names" if detail.get("names") else "without names"
    parts = (_FILES.get(str(detail.get("file", "")), "a file"), _count(detail, "rows", "row"), names)
    return f"Downloaded {', '.join(part for part in parts if part)}."


_FILES: Mapping[str, str] = {
    "students": "a list of students",
    "names": "the section names, or their families",
    "group": "a group of students",
    "differences": "what two rule sets do differently",
    "preflight": "the preflight's findings",
    "findings": "what was found in the files",
    "activity": "the activity list",
    "custody": "the record of what was held",
    "report": "the district's report",
    "sent-back": "what the product sent back",
    "staying": "the students who stay as committed",
    "changes-turned": "the students who stand otherwise after a refresh",
    "changes-moved": "the students in another section after a refresh",
    "changes-gone-sections": "the sections gone after a refresh",
    "changes-new-names": "the section names new after a refresh",
    "changes-arrived": "the students new after a refresh",
    "changes-left": "the students who left by a refresh",
    "changes-by-school-grade": "the students new and left, by school and grade",
}


def _rows_taken(detail: Detail) -> str:
    how = {"csv": "CSV", "zip": "OneRoster", "json": "JSON"}.get(str(detail.get("as", "")), "a file")
    rows = _count(detail, "rows", "row")
    return f"Downloaded the committed roster of receipt {detail.get('receipt', '?')} as {how}, {rows}, with names."


def _purged(detail: Detail) -> str:
    rows, receipts = _count(detail, "rows", "row"), _count(detail, "receipts", "receipt")
    gone = (_count(detail, "rosters", "roster"), rows and f"{rows} of {receipts}", _count(detail, "notes", "note"),
            _count(detail, "windows", "window"))  # fmt: skip
    told = ", ".join(part for part in gone if part) or "nothing"
    return f"Purged what was older than {str(detail.get('before', '?'))[:10]}: {told} deleted."


def _deleted(detail: Detail) -> str:
    parts = [_count(detail, noun + "s", noun) for noun in ("roster", "receipt", "note")]
    gone = ", ".join(part for part in parts if part)
    return f"Deleted the district on request{f': {gone}' if gone else ''}. This log stays."


def _reduced(detail: Detail) -> str:
    students = _count(detail, "students", "student") or "0 students"
    return f"Deleted names, birthdates and numbers of {students} outside the scope from {_roster(detail)}."


_STEPS = {
    "chose-clever": "chose Clever",
    "connected": "requested to connect",
    "sharing-requested": "data sharing requested",
    "sharing-approved": "sharing rules approved",
    "filtered": "filtered to one section per student",
    "rostered": "rostered",
    "ready-sent": "Ready To Assess sent",
}

_REQUESTS = {
    "connect": "to connect",
    "sharing": "for data sharing",
    "revision": "to revise the sharing rules",
    "other": "for something else",
}


def _step(verb: str) -> Callable[[Detail], str]:
    def told(detail: Detail) -> str:
        step = str(detail.get("step", "?"))
        return f"{verb} the step “{_STEPS.get(step, step)}”{_noted(detail)}."

    return told


def _request(verb: str) -> Callable[[Detail], str]:
    def told(detail: Detail) -> str:
        kind, outcome = str(detail.get("kind", "?")), str(detail.get("outcome", ""))
        ended = f": {outcome}" if outcome else ""
        return f"{verb} {_REQUESTS.get(kind, kind)}{ended}{_noted(detail)}."

    return told


def _linked(detail: Detail) -> str:
    if "to" in detail:
        return f"Linked with the district {detail['to']}, which took over what was kept here."
    return f"Took over what was kept under the name {detail.get('from', '?')}."


def _message(detail: Detail) -> str:
    return _MESSAGES.get(str(detail.get("kind", "")), "A message")


def _message_left(detail: Detail) -> str:
    return f"{_message(detail)}: {_ENDS.get(str(detail.get('outcome')), 'no outcome')}."


def _brought_in(detail: Detail) -> str:
    return f"Brought in {_count(detail, 'findings', 'finding') or 'no finding'} of the product's own list of errors."


_MESSAGES: Mapping[str, str] = {
    "connect": "The request to connect",
    "sharing": "The sharing request",
    "revision": "The sharing-rule revision request",
    "errors": "The message about errors to fix",
    "launch": "The message of the launch date",
    "ready": "The Ready To Assess message",
    "drift": "The message of what changed",
}

_ENDS: Mapping[str, str] = {
    "sent": "sent",
    "refused-recipients": "sent, but refused for some recipients",
    "failed": "not sent, because sending failed",
    "unknown": "handed over, its arrival not known",
    "downloaded": "downloaded as a file",
}


#: Every action the app writes.
DEEDS: Mapping[str, Deed] = {
    "load-roster": Deed("rosters", _loaded),
    "pull": Deed("rosters", _loaded),
    "reduce-roster": Deed("deletions", _reduced),
    "save-rule-set": Deed("rules", _saved),
    "preflight": Deed("commits", _checked),
    "commit": Deed("commits", _committed("Committed")),
    "restore": Deed("commits", _committed("Restored")),
    "approve-moves": Deed("commits", _moves("Approved")),
    "withdraw-moves": Deed("commits", _moves("Took back the approval of")),
    "tick-step": Deed("launch", _step("Ticked")),
    "untick-step": Deed("launch", _step("Took back")),
    "send-request": Deed("launch", _request("Asked the district")),
    "chase-request": Deed("launch", _request("Chased the request")),
    "answer-request": Deed("launch", _request("Wrote down the answer to the request")),
    "set-dates": Deed("launch", lambda detail: "Set the assessment window and the launch date."),
    "set-days-off": Deed("launch", lambda detail: "Set the days on which the district's schools are closed."),
    "set-people": Deed("launch", lambda detail: "Set who is to be reached, and who looks after the district."),
    "set-sync-answer": Deed("launch", lambda detail: "Wrote down the answer about the sync settings."),
    "set-expected": Deed("launch", lambda detail: "Set the headcounts expected by school and grade."),
    "set-method": Deed("launch", lambda detail: "Set how the district sends its roster."),
    "message": Deed("launch", _message_left),
    "message-step": Deed("launch", lambda detail: f"Wrote into the launch that {_message(detail).lower()} was sent."),
    "selweb-said": Deed("commits", _brought_in),
    "start-window": Deed("launch", lambda detail: f"Started window {detail.get('window', '?')}."),
    "add-district": Deed("launch", lambda detail: "Added the district by its name."),
    "link-district": Deed("launch", _linked),
    "ask-approval": Deed("commits", lambda detail: f"Asked for approval of plan {_plan(detail)}."),
    "approve": Deed("commits", lambda detail: f"Approved plan {_plan(detail)}, with a reason."),
    "reveal-names": Deed("views", lambda detail: "Showed names and birthdates on the screen."),
    "download": Deed("views", _downloaded),
    "download-rows": Deed("views", _rows_taken),
    "erase-note": Deed("deletions", lambda detail: "Erased a note; its hash stays."),
    "purge": Deed("deletions", _purged),
    "purge-district": Deed("deletions", _purged),
    "delete-district": Deed("deletions", _deleted),
}


def _noted(detail: Detail) -> str:
    return ", with a note" if detail.get("note_hash") else ""


def _number(detail: Detail, name: str) -> int:
    value = detail.get(name, 0)
    return value if isinstance(value, int) else 0


def _count(detail: Detail, name: str, noun: str) -> str:
    number = _number(detail, name)
    return counted(number, noun) if number else ""


def _roster(detail: Detail) -> str:
    fingerprint = str(detail.get("fingerprint", ""))
    return f"roster {fingerprint[:12]}" if fingerprint else "a roster"


def _plan(detail: Detail) -> str:
    return str(detail.get("digest", "?"))[:12]


def _rules(detail: Detail) -> str:
    version = _number(detail, "rules_version")
    return f"rules version {version}" if version else "rules that were not saved"

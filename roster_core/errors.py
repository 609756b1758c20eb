"""What can go wrong, as one tree a caller can catch by its root.

RosterError                 anything this package says on purpose
├── InputError              a file, folder, zip, argument or setting is wrong          exit 2
│   ├── RuleError           a rule file is wrong; every problem with its place
│   └── SettingsError       the settings are wrong; every problem with its place
├── Cancelled               a person stopped the work                                   exit 2
├── Refusal                 nothing is broken, but the answer is no                     exit 1
└── ServiceError            Clever, SELweb, the database or the mail server failed      exit 3
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class RosterError(Exception):
    """Something a person can act on; its text is written for them and holds no student's data."""

    exit_code = 2


class InputError(RosterError):
    """A file, folder, zip, argument or setting is wrong. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file or the settings: where, and what to do about it."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class _ProblemsError(InputError):
    """Several problems found in one reading, told at once."""

    def __init__(self, problems: Sequence[Problem], subject: str) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "\n".join(
                [f"{subject} {len(self.problems)} problem{'' if len(self.problems) == 1 else 's'} to correct:"]
                + [f"  {problem}" for problem in self.problems]
            )
        )


class RuleError(_ProblemsError):
    """A rule file or rule set is wrong; `problems` holds every one, each with its place.

    `file` names the file where one was read, so that the message does.
    """

    def __init__(self, problems: Sequence[Problem], file: str = "") -> None:
        super().__init__(problems, f"The rule file {file} has" if file else "The rule file has")


class SettingsError(_ProblemsError):
    """The settings are wrong; `problems` holds every one, each with the name of the setting."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems, "The settings have")


class Cancelled(RosterError):
    """A person stopped the work before it was done. Nothing was changed."""


class Refusal(RosterError):
    """Nothing is broken, but the answer is no: blockers, a hold, or a plan that is out of date."""

    exit_code = 1


class ServiceError(RosterError):
    """Clever, SELweb, the database or the mail server failed, after every retry that makes sense."""

    exit_code = 3

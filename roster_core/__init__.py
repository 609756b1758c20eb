"""Rosters, the rules that leave one section a student, and the way to a committed roster.

This is the public door; nothing else is promised. Each name is fetched from its room when it
is first used, so that `import roster_core` alone reads neither pandas nor an adapter.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from roster_core.adapters.committing import commit_plan
    from roster_core.adapters.loading import load
    from roster_core.coverage import evaluate
    from roster_core.plan import plan_commit
    from roster_core.preflight import run_preflight
    from roster_core.rules import RuleSet
    from roster_core.sample import sample_district
    from roster_core.suggest import suggest_rules

__all__ = [
    "RuleSet",
    "commit_plan",
    "evaluate",
    "load",
    "plan_commit",
    "run_preflight",
    "sample_district",
    "suggest_rules",
]

_ROOMS = {
    "RuleSet": "rules",
    "commit_plan": "adapters.committing",
    "evaluate": "coverage",
    "load": "adapters.loading",
    "plan_commit": "plan",
    "run_preflight": "preflight",
    "sample_district": "sample",
    "suggest_rules": "suggest",
}


def __getattr__(name: str) -> Any:
    """The named call, fetched from its room. Raises AttributeError for a name that is not promised."""
    if name not in _ROOMS:
        raise AttributeError(f"module 'roster_core' has no attribute '{name}'")
    found = getattr(import_module(f"roster_core.{_ROOMS[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """The promised names beside the module's own."""
    return sorted({*globals(), *__all__})

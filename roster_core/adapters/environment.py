"""The environment as this process was started with it: Streamlit writes what its secrets file holds over it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_KEPT_BY_LINUX = Path("/proc/self/environ")


def first_environment(kept: Path = _KEPT_BY_LINUX) -> dict[str, str]:
    """The variables this process was started with, where the system tells them (Linux does); else none."""
    try:
        content = kept.read_bytes()
    except OSError:
        return {}
    pairs = (each.partition("=") for each in content.decode("utf-8", "surrogateescape").split("\0"))
    return {name: value for name, _, value in pairs if name}


def as_started(environ: Mapping[str, str], first: Mapping[str, str], *copied: Mapping[str, str]) -> dict[str, str]:
    """The environment without what was copied into it: each such name as it was at `first`, or not at all.

    `copied`: texts by name, as the secrets file holds or held them. A variable that is one of them is taken for a copy.
    """
    copies = {name for texts in copied for name, text in texts.items() if environ.get(name, "").strip() == text}
    kept = {name: value for name, value in environ.items() if name not in copies}
    return kept | {name: first[name] for name in copies if name in first}

"""Children's data in memory does not outlive the sessions it was read for."""

from __future__ import annotations

from collections.abc import Callable

from pages.shared.presence import Presence


def watched() -> tuple[Presence, list[str], list[Callable[[], None]]]:
    """A presence whose clock is ours: what it emptied, and what it wants to look at later."""
    emptied: list[str] = []
    later: list[Callable[[], None]] = []
    return Presence(lambda: emptied.append("emptied"), later.append), emptied, later


def test_memory_is_emptied_some_time_after_the_last_session() -> None:
    """While one of two sessions is left nothing happens; after both it is looked at later, and then emptied."""
    presence, emptied, later = watched()
    first, second = presence.arrive(), presence.arrive()
    presence.leave(first)
    assert later == []
    presence.leave(second)
    assert (len(later), emptied) == (1, [])
    later[0]()
    assert emptied == ["emptied"]


def test_somebody_who_comes_back_in_time_finds_everything_as_it_was() -> None:
    """A reload ends one session and begins another; nothing is thrown away between them."""
    presence, emptied, later = watched()
    presence.leave(presence.arrive())
    back = presence.arrive()
    later[0]()
    assert emptied == []
    presence.leave(back)
    later[1]()
    assert emptied == ["emptied"]


def test_a_session_leaves_once() -> None:
    """A second leaving of the same session takes nobody else's place away."""
    presence, emptied, later = watched()
    gone, stays = presence.arrive(), presence.arrive()
    presence.leave(gone)
    presence.leave(gone)
    assert later == [] and emptied == [] and stays is not None

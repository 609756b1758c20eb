"""What a person may do here. Each role may all that those before it may."""

from __future__ import annotations

from typing import Final, Literal

Role = Literal["viewer", "reviewer", "committer", "admin"]

#: Least first. viewer: looks, names masked; reviewer: rules, pins, loading; committer: commit, restore, approve;
#: admin: purge, deletion, people.
ROLES: Final[tuple[Role, ...]] = ("viewer", "reviewer", "committer", "admin")


def allows(held: Role, needed: Role) -> bool:
    """Whether somebody with the role `held` may do what asks for `needed`."""
    return ROLES.index(held) >= ROLES.index(needed)

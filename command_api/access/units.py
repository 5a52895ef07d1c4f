"""Units own cameras; a user sees the cameras of their unit and of the units below it; pure.

A unit is a path: `bureau/kuangshanlu` lies below `bureau`. The root unit of the site covers everything, whatever the
cameras' units are called.
"""

from __future__ import annotations


def covers(user_unit: str, owner_unit: str, root_unit: str) -> bool:
    """Whether a user of `user_unit` may see what `owner_unit` owns."""
    user = user_unit.strip("/")
    owner = owner_unit.strip("/")
    return user == root_unit.strip("/") or owner == user or owner.startswith(user + "/")

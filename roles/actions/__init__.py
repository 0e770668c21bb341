"""Changing people, departments, roles and holdings: one function per decision.

Each runs in one transaction, checks that `actor` is an administrator (None is the system: commands and set-up),
stores the row with its history and records one entry in the trail, old and new values included. A call that changes
nothing records nothing.

`base` holds the digests of the values that a page showed (`sopdesk.lib.merging`): what somebody else saved since stays
where the sender did not touch it, and BothChanged is raised where both changed the same field.

A module here builds on those before it: `storing`, `people`, `structure`.
"""

from roles.actions.people import (
    activate_person,
    add_person,
    change_own_settings,
    change_person,
    deactivate_person,
    end_accesses,
)
from roles.actions.structure import (
    add_department,
    add_holding,
    add_role,
    change_department,
    change_role,
    end_holding,
)

__all__ = [
    "activate_person",
    "add_department",
    "add_holding",
    "add_person",
    "add_role",
    "change_department",
    "change_own_settings",
    "change_person",
    "change_role",
    "deactivate_person",
    "end_accesses",
    "end_holding",
]

"""Every action has its row: who adds one says what becomes of it when it is done twice, or half."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator

import notifications.actions
import procedures.actions
import reports.actions
import roles.actions
import roles.firm
import roles.signing
import runs.actions.following
import runs.actions.recording
import runs.actions.remarks
import training.actions
from procedures.actions import (
    approval,
    deviations,
    drafts,
    marking,
    publishing,
    relatives,
    sharing,
    starting,
    telling,
    transitions,
)
from tests.faults.acts import ACTS

INSIDE = {
    approval.rounds.begin_round,
    approval.send_back,
    approval.sign_approval,
    approval.telling.tell_contributors,
    deviations.end_deviations_of,
    drafts.lock_draft,
    drafts.replace_responsibilities,
    drafts.write_draft,
    publishing.publish_approved,
    relatives.catch_up,
    relatives.following.note,
    relatives.tell_followers,
    roles.actions.storing.change,
    roles.actions.storing.require_administrator,
    roles.actions.storing.store,
    runs.actions.following.bind_to_draft,
    runs.actions.following.close,
    runs.actions.following.reopen,
    runs.actions.following.solve,
    runs.actions.following.take_back,
    runs.actions.recording.record,
    runs.actions.recording.record_all,
    runs.actions.remarks.choose_for_submission,
    sharing.end_links,
    starting.beginning_of_copy,
    starting.fill_draft,
    marking.tell_watchers,
    telling.tell,
    transitions.move,
    transitions.swap,
}
"""What actions call inside their transactions, and what only reads."""


def actions() -> Iterator[Callable]:
    """The public functions that act for somebody: those of the modules of actions that take an `actor`."""
    packages = (procedures.actions, roles.actions)
    names = [row.name for top in packages for row in pkgutil.walk_packages(top.__path__, f"{top.__name__}.")]
    for module in [
        *map(importlib.import_module, names),
        roles.firm,
        roles.signing,
        notifications.actions,
        reports.actions,
        training.actions,
        runs.actions.following,
        runs.actions.recording,
        runs.actions.remarks,
    ]:
        for name, function in vars(module).items():
            is_own = inspect.isfunction(function) and function.__module__ == module.__name__
            if is_own and not name.startswith("_") and "actor" in inspect.signature(function).parameters:
                yield function


def test_every_action_has_a_row():
    missing = set(actions()) - {act.action for act in ACTS.values()} - INSIDE
    assert sorted(f"{function.__module__}.{function.__name__}" for function in missing) == []

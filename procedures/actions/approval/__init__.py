"""Submitting a revision, deciding on it, taking it back.

A module here builds on those before it: `rounds`, `telling`, `submitting`, `recalling`, `deciding`.
"""

from procedures.actions.approval.deciding import approve_revision, return_revision, send_back, sign_approval
from procedures.actions.approval.recalling import recall, revoke
from procedures.actions.approval.submitting import submit

__all__ = ["approve_revision", "recall", "return_revision", "revoke", "send_back", "sign_approval", "submit"]

"""Variants and translations: starting them, and taking into account what changed in the text they follow.

A module here builds on those before it: `copying`, `telling`, `following`, `starting`, `settling`, `translating`.
"""

from procedures.actions.relatives.following import catch_up
from procedures.actions.relatives.settling import explain_left_out, note_source, settle_point
from procedures.actions.relatives.starting import languages_of, make_variant, start_translation
from procedures.actions.relatives.telling import tell_followers
from procedures.actions.relatives.translating import save_translated_details, save_translated_step

__all__ = [
    "catch_up",
    "explain_left_out",
    "languages_of",
    "make_variant",
    "note_source",
    "save_translated_details",
    "save_translated_step",
    "settle_point",
    "start_translation",
    "tell_followers",
]

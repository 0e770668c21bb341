"""Why a piece of advice is given, in the words of the interface."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procedures.advice.findings import Rule


def name_of(rule: str) -> str:
    """What a rule is called where advice is counted."""
    return {
        Rule.PASSIVE: _("Passive voice"),
        Rule.ACTION_VERB: _("No action verb at the start"),
        Rule.SEVERAL_ACTIONS: _("Several actions at once"),
        Rule.LONG_SENTENCE: _("Long sentence"),
        Rule.VAGUE: _("Vague words"),
        Rule.PLAIN_WORDS: _("Plainer words exist"),
        Rule.ABBREVIATION: _("Abbreviation not explained"),
        Rule.NO_ROLE: _("Nobody is named to do it"),
        Rule.NO_RESULT: _("No expected result"),
        Rule.NO_OTHERWISE: _("A case may be left out"),
        Rule.PICTURE_TEXT: _("Picture without a description"),
        Rule.READING_LEVEL: _("Hard to read"),
    }[Rule(rule)]


def why(rule: Rule, *, detail: str = "", words: str = "", limit: int = 0, in_title: bool = False) -> str:
    """One or two sentences: what is meant, and what to do about it."""
    match rule:
        case Rule.PASSIVE:
            return _("The passive hides who acts. Tell the reader what to do, or name who does it.")
        case Rule.ACTION_VERB:
            return _("No action verb was found at the start. Begin with what to do, as an instruction.")
        case Rule.SEVERAL_ACTIONS if in_title:
            return _("These are several actions. One step for each can be given to somebody and ticked off by itself.")
        case Rule.SEVERAL_ACTIONS:
            return _("%(count)s actions in one sentence are easily missed. Put them in a list.") % {"count": detail}
        case Rule.LONG_SENTENCE:
            return _("%(count)s words: up to %(limit)d are understood at the first reading. Make two sentences.") % {
                "count": detail, "limit": limit,
            }  # fmt: skip
        case Rule.VAGUE:
            return _vague(detail)
        case Rule.PLAIN_WORDS if detail:
            return _("“%(plain)s” says the same in plainer words.") % {"plain": detail}
        case Rule.PLAIN_WORDS:
            return _(
                "Not every reader knows this expression. Say it in everyday words, or explain it in the definitions."
            )
        case Rule.ABBREVIATION:
            return _("Nothing explains “%(abbreviation)s”. Write it out once, with the abbreviation in brackets.") % {
                "abbreviation": words
            }
        case Rule.NO_ROLE:
            return _("Choose the role that does it; otherwise everybody waits for somebody else.")
        case Rule.NO_RESULT:
            return _("Say what one should see when the step has worked.")
        case Rule.NO_OTHERWISE if in_title:
            return _("The step says what to do in one case. Say what happens otherwise, or make it a decision.")
        case Rule.NO_OTHERWISE:
            return _("Add a branch “otherwise”: it says where to go when none of these cases fits.")
        case Rule.PICTURE_TEXT:
            return _(
                "Describe the picture between the square brackets, for those who cannot see it and for the search."
            )
        case Rule.READING_LEVEL:
            score = int(detail)
            return ngettext(
                "%(score)d point of 100 for easy reading; plain text has 60. Use shorter sentences and words.",
                "%(score)d points of 100 for easy reading; plain text has 60. Use shorter sentences and words.",
                score,
            ) % {"score": score}
    raise AssertionError(rule)


def _vague(kind: str) -> str:
    return {
        "when": _("The reader must guess when this applies. Name the condition."),
        "often": _("The reader must guess how often. Name the day or the interval."),
        "soon": _("The reader must guess by when. Name the deadline."),
        "much": _("The reader must guess how much. Name the number or the limit."),
        "how": _("The reader must guess what counts as good enough. Name what to look for."),
        "open": _("The reader must guess the rest of the list. Name everything that belongs to it."),
    }[kind]

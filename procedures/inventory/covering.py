"""Which procedure covers a task, and which may."""

from django.utils.translation import gettext as _

from procedures.inventory.permissions import Cover, covers_for
from procedures.models import InventoryTask, Procedure, Revision
from procedures.permissions import get_procedure_for, library_revisions_for
from procedures.search import search
from procedures.search.analysis import stem, words
from roles.errors import NotValid
from roles.models import User
from sopdesk.lib.errors import Missing

CANDIDATES = 3
SHORTEST_WORD = 4  # shorter ones are articles and the like


def procedure_called(user: User, code: str) -> Procedure:
    """The procedure `code`. Raises NotValid when there is none that `user` may read."""
    try:
        return get_procedure_for(user, code)
    except Missing as error:
        raise NotValid({"code": [no_such_procedure(code)]}) from error


def no_such_procedure(code: str) -> str:
    """The sentence for a code that does not exist, or that the person may not know of: both sound the same."""
    return _("There is no procedure %(code)s that you may read.") % {"code": code}


def that_may_cover(user: User, task: InventoryTask) -> list[Cover]:
    """The procedures in force that answer best to the name of `task`, for `user` to choose from.

    The title must share a word with the task: any long text has one of its words somewhere.
    """
    found = search(task.title, queryset=library_revisions_for(user), limit=3 * CANDIDATES, language=user.language)
    procedures = dict(Revision.objects.filter(pk__in=found.hits).values_list("pk", "procedure_id"))
    covers = covers_for(user, procedures.values())
    ranked = [covers[procedures[pk]] for pk in found.hits if procedures.get(pk) in covers]
    alike = [cover for cover in ranked if _terms(cover.title, cover.language) & _terms(task.title, cover.language)]
    return alike[:CANDIDATES]


def _terms(text: str, language: str) -> set[str]:
    return {stem(word, language) for word in words(text) if len(word) >= SHORTEST_WORD}

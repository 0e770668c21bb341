"""What the pages of the administration share."""

from collections.abc import Callable
from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict

from roles.errors import NotValid
from roles.forms import ActionForm
from sopdesk.lib.merging import BothChanged

Row = TypeVar("Row", bound=Model)

PER_PAGE = 50


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is filled with: the data of a POST, nothing for a page that is shown."""
    return request.POST if request.method == "POST" else None


def done(form: ActionForm, act: Callable[[], Row]) -> Row | None:
    """The row that `act` returns, or None when form or action found something wrong; the form then says what."""
    if not form.is_valid():
        return None
    try:
        return act()
    except NotValid as error:
        form.take_errors(error)
    except BothChanged as error:
        form.take_conflict(error)
    return None


def page_of(request: HttpRequest, rows: QuerySet | list) -> Page:
    """The page of `rows` that the address asks for; the nearest one when there is no such page."""
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))

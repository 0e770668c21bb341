"""Posters: a title, a code and a QR code that opens the procedure, to hang where the work is done."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.models import Revision
from sopdesk.lib.qr import qr_svg

MOST_POSTERS = 100


class Size(models.TextChoices):
    A4 = "a4", gettext_lazy("One on an A4 page")
    A5 = "a5", gettext_lazy("Two on an A4 page (A5)")
    LABELS = "labels", gettext_lazy("Labels, ten on an A4 page")


@dataclass(frozen=True, slots=True)
class Poster:
    title: str
    language: str
    code: str
    qr: SafeString


def size_of(text: str) -> Size:
    """The size that an address asks for; A4 for what is none."""
    return Size(text) if text in Size.values else Size.A4


def posters_of(revisions: Iterable[Revision]) -> list[Poster]:
    """A poster for the procedure of each revision. Its code leads to the procedure, whatever revision is in force when
    it is scanned, and sopdesk asks who is there before it shows it."""
    return [
        Poster(
            title=revision.title,
            language=revision.language,
            code=revision.procedure.code,
            qr=qr_svg(
                settings.BASE_URL + revision.procedure.get_absolute_url(),
                label=_("QR code: opens %(code)s") % {"code": revision.procedure.code},
            ),
        )
        for revision in revisions
    ]

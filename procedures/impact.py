"""What follows from publishing a revision: counts and lists for whoever submits it or decides on it.

A person is named only what they may read themselves; the rest is a number. Nine queries at most, whatever there is.
"""

import datetime
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from procedures.inventory.permissions import tasks_visible_to
from procedures.links import LinkingText, links_to
from procedures.models import Audience, CodeLink, InventoryTask, Kind, Procedure, Revision
from procedures.relatives import relatives_of
from roles.models import Holding, User
from roles.queries import today

MAX_TASKS = 50


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts in force that a publication touches: those that the person may read, and how many others there are."""

    shown: list[Revision] = field(default_factory=list)
    hidden: int = 0

    @property
    def count(self) -> int:
        return len(self.shown) + self.hidden


@dataclass(frozen=True, slots=True)
class Impact:
    """What publishing `revision` does. readers: the size of its audience today. translations: of its text, which lag
    behind from then on. procedures, standards: texts in force that refer to it by its code; `hidden_links` are those
    that this person may not read. tasks: of the inventory that it covers, for who sees the inventory."""

    revision: Revision
    readers: int
    variants: Texts
    translations: Texts
    procedures: list[LinkingText]
    standards: list[LinkingText]
    hidden_links: int
    tasks: list[InventoryTask]

    @property
    def is_first(self) -> bool:
        """Whether nobody has read this procedure before, so that nobody is asked again and nothing lags behind."""
        return self.revision.number == 1

    @property
    def touches_others(self) -> bool:
        """Whether there is anything but readers."""
        texts = self.variants.count + self.translations.count + self.hidden_links
        return bool(texts or self.procedures or self.standards or self.tasks)


def readers_of(procedure: Procedure, *, day: datetime.date) -> QuerySet[User]:
    """The active people whom the audience of `procedure` names on `day`."""
    people = User.objects.filter(is_active=True)
    match procedure.audience:
        case Audience.DEPARTMENTS:
            return people.filter(department__in=procedure.audience_departments.order_by().values("pk"))
        case Audience.ROLES:
            held = Holding.objects.on(day).filter(role__in=procedure.audience_roles.order_by().values("pk"))
            return people.filter(pk__in=held.values("user_id"))
    return people


def impact_of(revision: Revision, user: User) -> Impact:
    """What publishing `revision` would do today, as far as `user` may know."""
    procedure = revision.procedure
    day = today()
    followers = Revision.objects.in_force(day).filter(
        Q(procedure__variant_of=procedure.pk) | Q(procedure__translation_of=procedure.pk)
    )
    variant_flags = list(followers.order_by().values_list("procedure__variant_of", flat=True))
    variants_in_all = sum(pk is not None for pk in variant_flags)
    family = relatives_of(user, procedure)
    translations = [row for row in family.translations if row.procedure.translation_of_id == procedure.pk]
    links = [link for link in links_to(user, procedure.code) if link.revision.procedure_id != procedure.pk]
    refers = CodeLink.objects.filter(code=procedure.code).values("revision")
    linking = Revision.objects.in_force(day).filter(pk__in=refers)
    standards = [link for link in links if link.revision.procedure.kind == Kind.STANDARD]
    return Impact(
        revision=revision,
        readers=readers_of(procedure, day=day).count(),
        variants=Texts(family.variants, variants_in_all - len(family.variants)),
        translations=Texts(translations, len(variant_flags) - variants_in_all - len(translations)),
        procedures=[link for link in links if link not in standards],
        standards=standards,
        hidden_links=linking.exclude(procedure=procedure.pk).count() - len(links),
        tasks=list(tasks_visible_to(user).filter(procedure=procedure.pk).order_by("title")[:MAX_TASKS]),
    )

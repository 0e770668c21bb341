"""A procedure of Finance that Operations adapts, and its translation into French."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from procedures.actions import approval, drafts, relatives, steps
from procedures.models import Procedure, Revision, Step
from procedures.states import State
from roles.models import Access, User
from tests.factories import Firm, approve, make_revision, make_route, make_user


@dataclass
class Family:
    """FIN-100 in force with three steps; `variant` OPS-100 and `translation` FIN-100-FR are drafts.

    `adapter` writes for Operations and owns the variant, `author` of Finance owns the translation.
    """

    firm: Firm
    parent: Procedure
    variant: Procedure
    translation: Procedure
    adapter: User

    def draft_of(self, procedure: Procedure) -> Revision:
        return procedure.revisions.get(state=State.DRAFT)

    def step(self, procedure: Procedure, title: str) -> Step:
        """The step of the open draft that has the uid of the parent's first step called `title`."""
        uid = Step.objects.filter(revision__procedure=self.parent, title=title).first().uid
        step = self.draft_of(procedure).steps.get(uid=uid)
        step.revision = self.draft_of(procedure)
        return step


def publish(firm: Firm, procedure: Procedure) -> Revision:
    """Submit the draft of `procedure` and have it approved."""
    draft = procedure.revisions.get(state=State.DRAFT)
    if draft.number > 1 and not draft.change_summary:
        drafts.save_draft(
            draft, actor=draft.created_by, version=draft.version, fields={"change_summary": "As the parent says."}
        )
        draft.refresh_from_db()
    approval.submit(draft, actor=draft.created_by)
    approve(draft, by=firm.approver)
    return Revision.objects.get(pk=draft.pk)


def translate_all(family: Family) -> None:
    """Give every step of the French text its words."""
    draft = family.draft_of(family.translation)
    for step in draft.steps.all():
        step.revision = draft
        relatives.save_translated_step(
            step,
            actor=family.firm.author,
            version=step.version,
            texts={"title": f"Étape {step.position}", "body": "Comment faire."},
            labels=[],
            number=draft.source.number,
            is_checked=True,
        )
    relatives.save_translated_details(
        draft,
        actor=family.firm.author,
        version=draft.version,
        fields={"purpose": "Payer juste et à temps."},
        number=draft.source.number,
        is_checked=True,
    )


@pytest.fixture
def family(firm: Firm) -> Family:
    make_route([("person", firm.approver)], name="Operations", department=firm.operations)
    adapter = make_user("adapter", department=firm.operations, access=Access.AUTHOR)
    parent = make_revision(firm, code="FIN-100").procedure
    source = parent.revisions.get()
    variant = relatives.make_variant(
        source, actor=adapter, code="OPS-100", department=firm.operations, owner=adapter, title="Run the site payroll"
    )
    translation = relatives.start_translation(
        source, actor=firm.author, language="fr", code="FIN-100-FR", department=firm.finance, owner=firm.author,
        title="Faire la paie du mois",
    )  # fmt: skip
    return Family(firm, parent, variant.procedure, translation.procedure, adapter)


@pytest.fixture
def change_parent(family: Family) -> Callable[..., Revision]:
    """Publish the parent's next revision: `change` gets its draft, by default it alters the first step."""

    def change(edit: Callable[[Revision], None] | None = None, **fields: object) -> Revision:
        draft = drafts.start_draft(family.parent, actor=family.firm.author)
        fields = {"change_summary": "The limit goes down.", **fields}
        drafts.save_draft(draft, actor=family.firm.author, version=draft.version, fields=fields)
        if edit:
            edit(draft)
        elif len(fields) == 1:
            step = draft.steps.get(position=1)
            step.revision = draft
            steps.save_step(step, actor=family.firm.author, version=step.version, fields={"body": "Lock them by noon."})
        approval.submit(draft, actor=family.firm.author)
        approve(draft, by=family.firm.approver)
        return Revision.objects.get(pk=draft.pk)

    return change


@pytest.fixture
def picture() -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, "PNG")
    return SimpleUploadedFile("button.png", file.getvalue())


@pytest.fixture(autouse=True)
def nothing_kept():
    """Ids are given anew in each test, unlike in life."""
    cache.clear()

"""A firm with something at every address, for the tests that walk past them all."""

import base64
import datetime
import io
from dataclasses import dataclass, field

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from procedures.actions import (
    approval,
    changesets,
    comments,
    deviations,
    inventory,
    relatives,
    reviewing,
    searches,
    sharing,
    standards,
    steps,
    synonyms,
)
from procedures.actions.imported import keep_document
from procedures.importing.rich.html import parse_html_file
from procedures.keeping import keep_file
from procedures.manuals.selecting import Selection
from procedures.mermaid.sources import key_of
from procedures.models import (
    Deviation,
    GlossaryTerm,
    IgnoredSearch,
    Manual,
    ManualState,
    ProcedureTemplate,
    Revision,
    Route,
    SynonymGroup,
)
from procedures.queries import open_round
from procedures.states import State
from procedures.step_versions import latest_point
from roles.models import Absence
from roles.queries import today
from runs.actions import remarks
from tests.architecture.route_table import ROWS
from tests.factories import PASSWORD, Firm, approve, first_step, make_draft, make_next, make_revision


@dataclass(frozen=True)
class Answers:
    """What one person was answered at every address, and every row of ours before and after."""

    statuses: dict[str, int]
    before: dict[str, list]
    after: dict[str, list]


@dataclass
class Site:
    """The firm with something at every address, and one address for every row of the table."""

    firm: Firm
    addresses: dict[str, str]
    answers: dict[str, Answers] = field(default_factory=dict)


def make_addresses(firm: Firm) -> dict[str, str]:
    audience = {"audience": "departments", "audience_departments": [firm.finance]}
    diagram = "flowchart TD\n  A --> B"
    draft = make_draft(firm, code="FIN-100", background=f"```mermaid\n{diagram}\n```", **audience)
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    upload = SimpleUploadedFile("red.png", picture.getvalue())
    attachment = steps.attach_image(draft, actor=firm.author, upload=upload)

    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    published = Revision.objects.get(pk=draft.pk)
    second = make_next(firm, published.procedure, state=State.DRAFT)
    in_review = make_revision(firm, code="FIN-200", state=State.IN_REVIEW)
    make_revision(firm, code="FIN-300", state=State.APPROVED)
    family = start_relatives(firm, published)
    step = {"code": "FIN-100", "uid": first_step(second).uid}
    parsed = parse_html_file(f"<ol><li>Go <img src='{_data_address(picture.getvalue())}'></ol>", filename="x.html")
    document = keep_document(parsed, actor=firm.author, filename="x.html", data=b"x")
    comment = comments.add_comment(second, actor=firm.author, body="Is this so?")
    pair = [make_draft(firm, code="FIN-801"), make_draft(firm, code="FIN-802")]
    change_set = changesets.submit_change_set(pair, actor=firm.author, name="New limits")
    guest = reviewing.invite_guest(open_round(in_review), actor=firm.author, person=firm.coauthor)
    absence = Absence.objects.create(
        person=firm.approver, deputy=firm.coauthor, starts=datetime.date(2099, 1, 1), ends=datetime.date(2099, 1, 2)
    )
    holding = firm.staff.holdings.get()
    task = inventory.add_task(actor=firm.author, department=firm.finance, title="Close the books")
    start_standard(firm)
    link, token = sharing.make_link(
        published.procedure, actor=firm.owner, recipient="Auditors", ends_on=datetime.date.today()
    )
    part = {"code": "FIN-S01", "key": "accounts"}
    asked, holds = start_deviations(firm, published)
    remark = remarks.add_remark(published, actor=firm.staff, kind="wrong", text="Why?", step=first_step(second).uid)
    searched, ignored = start_searches(firm)
    arguments = {
        **dict.fromkeys(
            ("deviation", "deviation-approve", "deviation-refuse", "deviation-recall"),
            {"code": "FIN-100", "pk": asked.pk},
        ),
        "deviation-end": {"code": "FIN-100", "pk": holds.pk},
        **dict.fromkeys(("remark", "remark-answer", "remark-postpone"), {"pk": remark.pk}),
        **dict.fromkeys(
            (
                "standard-part",
                "draft-part",
                "draft-part-move",
                "draft-part-remove",
                "draft-code",
                "draft-code-remove",
                "draft-codes-import",
            ),
            part,
        ),
        **dict.fromkeys(
            ("library-category", "category", "category-move", "category-merge", "category-remove"),
            {"pk": published.category_id},
        ),
        "library-role": {"pk": firm.clerk_role.pk},
        "master-list-export": {"format": "csv"},
        "standard-codes": {**part, "format": "csv"},
        "standard-blank": {"code": "FIN-S01", "key": "receipt"},
        "draft-parts": {"code": "FIN-S01"},
        "revision-part": {**part, "number": 1},
        "revision-part:draft": {**part, "number": 2},
        "search-outcome": {"pk": searched},
        "search-heed": {"pk": ignored.pk},
        **dict.fromkeys(("synonyms-group", "synonyms-remove"), {"pk": SynonymGroup.objects.get(starter="").pk}),
        **dict.fromkeys(("glossary-term", "glossary-remove"), {"pk": _term().pk}),
        **dict.fromkeys(("inventory-export", "inventory-sample"), {"format": "csv"}),
        "acknowledgements-export": {"code": "FIN-100", "format": "csv"},
        **dict.fromkeys(
            ("task", "task-rule-out", "task-bring-back", "task-link", "task-unlink", "task-delete"), {"pk": task.pk}
        ),
        **dict.fromkeys(("recall", "emergency"), {"code": "FIN-200"}),
        **dict.fromkeys(("publish", "revoke"), {"code": "FIN-300"}),
        **dict.fromkeys(("differences", "source-changes"), {"code": "FIN-510"}),
        "translate": {"code": "FIN-520"},
        "translate-step": {"code": "FIN-520", "uid": first_step(family).uid},
        "revision": {"code": "FIN-100", "number": 1},
        "revision:draft": {"code": "FIN-100", "number": 2},
        "revision:in_review": {"code": "FIN-200", "number": 1},
        "revision-pdf": {"code": "FIN-100", "number": 1},
        **dict.fromkeys(("revision-docx", "revision-markdown", "revision-html"), {"code": "FIN-100", "number": 1}),
        **dict.fromkeys(
            ("revision-docx:draft", "revision-markdown:draft", "revision-html:draft"), {"code": "FIN-100", "number": 2}
        ),
        "revision-pdf:draft": {"code": "FIN-100", "number": 2},
        "diagram": {"code": "FIN-100", "number": 1, "key": key_of(diagram)},
        "diagram:draft": {"code": "FIN-100", "number": 2, "key": key_of(diagram)},
        "revision-flowchart": {"code": "FIN-100", "number": 1},
        "revision-flowchart:draft": {"code": "FIN-100", "number": 2},
        "attachment": {"code": "FIN-100", "number": 1, "key": attachment.key},
        "attachment:draft": {"code": "FIN-100", "number": 2, "key": attachment.key},
        "comments": {"code": "FIN-100", "number": 2},
        **dict.fromkeys(
            ("draft-version", "draft-restore"), {"code": "FIN-100", "point": latest_point(second, step["uid"])}
        ),
        "comments:published": {"code": "FIN-100", "number": 1},
        **dict.fromkeys(("comment-answer", "comment-resolve", "comment-reopen", "comment-delete"), {"pk": comment.pk}),
        **dict.fromkeys(("step", "step-move", "step-remove", "step-restore", "step-duplicate"), step),
        **dict.fromkeys(
            ("review", "review-approve", "review-return", "review-look", "guest-invite"),
            {"pk": open_round(in_review).pk},
        ),
        "guest-remove": {"pk": guest.round_id, "guest": guest.pk},
        **dict.fromkeys(("change-set", "change-set-approve", "change-set-return"), {"pk": change_set.pk}),
        "compare": {"code": "FIN-100", "a": 1, "b": 1},
        "compare:draft": {"code": "FIN-100", "a": 1, "b": 2},
        **dict.fromkeys(("person", "person-deactivate", "person-activate", "holding-add"), {"pk": firm.staff.pk}),
        "holding-end": {"pk": firm.staff.pk, "holding_pk": holding.pk},
        "shared": {"token": token},
        "shared:unknown": {"token": "nobody-has-this-token"},
        "shared-file": {"token": token, "key": attachment.key},
        "shared-diagram": {"token": token, "key": key_of(diagram)},
        **dict.fromkeys(("share-link-revoke", "share-link-openings"), {"pk": link.pk}),
        "revision-status": {"token": Revision.objects.get(procedure__code="FIN-100", number=2).status_token},
        "revision-status:unknown": {"token": "nobody-has-this-token-"},
        "person-absences": {"pk": firm.staff.pk},
        **dict.fromkeys(
            ("manual", "manual-pdf", "manual-delete", "manual-cancel", "manual-retry"), {"pk": start_manual(firm).pk}
        ),
        "absence-end": {"pk": absence.pk},
        "slot-reassign": {"pk": open_round(in_review).stages.get().slots.get().pk},
        "department": {"pk": firm.finance.pk},
        "role": {"pk": firm.clerk_role.pk},
        **dict.fromkeys(
            ("route", "route-change", "route-deactivate", "route-activate", "route-delete"),
            {"pk": Route.objects.get().pk},
        ),
        **dict.fromkeys(("template", "template-restore"), {"pk": ProcedureTemplate.objects.get(key="simple-en").pk}),
        **dict.fromkeys(("imported", "imported-change", "imported-remove"), {"pk": document.pk}),
        "imported-picture": {"pk": document.pk, "key": next(iter(document.data["pictures"]))},
        "notice-read": {"pk": firm.author.notifications.first().pk},
    }
    plain = {"library-departments", "library-categories", "library-uncategorised", "library-roles", "library-letters",
             "library-changed", "library-mine", "master-list", "watching", "opened-forget", "categories",
             "remarks", "remarks-mine", "category-new", "audit", "audit-access", "audit-export", "audit-review",
             "standards", "standards-links", "links-check",
             "templates", "glossary", "glossary-new", "inventory", "inventory-import", "task-new",
             "home", "learn", "library", "library-export", "library-posters", "library-suggest", "procedure-new",
             "procedure-import", "reviews",
             "search-report", "search-report-csv", "search-ignore", "synonyms", "synonyms-csv", "synonyms-new",
             "synonyms-import", "synonyms-restore",
             "reviews-stuck", "change-sets", "change-set-new", "absences", "people",
             "person-new", "departments", "department-new", "roles", "role-new", "routes", "route-new",
             "settings", "firm", "manuals", "manual-new", "notices", "offline", "service-worker",
             "notices-read", "help", "healthz", "readyz"}  # fmt: skip
    return {
        row: reverse(row.split(":")[0], kwargs={} if row in plain else arguments.get(row, {"code": "FIN-100"}))
        for row in ROWS
    }


def _data_address(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def start_manual(firm) -> Manual:
    """A manual of the staff's, stored."""
    now = timezone.now()
    return Manual.objects.create(
        person=firm.staff, title="Everything", selection=Selection("", {}).as_json(), state=ManualState.READY,
        created_at=now, moved_at=now, as_of=now, expires_on=datetime.date(2099, 1, 1),
        file=keep_file(b"%PDF-1.7", content_type="application/pdf"),
    )  # fmt: skip


def start_standard(firm) -> None:
    """FIN-S01, a standard with a code table and a form, in force for Finance, and the draft of its second revision."""
    draft = make_draft(
        firm, code="FIN-S01", kind="standard", audience="departments", audience_departments=[firm.finance]
    )
    codes, fields = [{"code": "6010", "name": "Wages"}], [{"name": "Total", "format": "amount", "required": True}]
    standards.add_part(draft, actor=firm.author, kind="codes", name="Accounts", data={"codes": codes})
    standards.add_part(draft, actor=firm.author, kind="form", name="Receipt", data={"fields": fields})
    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    make_next(firm, draft.procedure, state=State.DRAFT)


def start_deviations(firm, revision: Revision) -> tuple[Deviation, Deviation]:
    """Two deviations of Finance from steps of `revision`: one asked for, one approved."""

    def ask(step) -> Deviation:
        return deviations.ask_deviation(
            revision, actor=firm.author, step=step.uid, department=firm.finance, reason="Broken.", instead="By hand.",
            starts=today(), ends=today(),
        )  # fmt: skip

    first, second = revision.steps.order_by("position")[:2]
    asked, holds = ask(first), ask(second)
    signed = {"asked_hash": holds.asked_hash, "password": PASSWORD, "accepts": 1}
    return asked, deviations.approve_deviation(holds, actor=firm.approver, **signed)


def start_relatives(firm, source: Revision) -> Revision:
    """FIN-510, a variant of `source` that is published, and the draft of FIN-520, its translation."""
    readers = {"audience": "departments", "audience_departments": [firm.finance]}
    common = {"actor": firm.author, "department": firm.finance, "owner": firm.owner, "title": "X", **readers}
    variant = relatives.make_variant(source, code="FIN-510", **common)
    approval.submit(variant, actor=firm.author)
    approve(variant, by=firm.approver)
    language = "fr" if firm.language == "en" else "en"
    return relatives.start_translation(source, code="FIN-520", language=language, **common)


def start_searches(firm) -> tuple[int | None, IgnoredSearch]:
    """The number of a search of the owner, words that are left out of the report, and a group of synonyms."""
    number = searches.note_search("company parking", actor=firm.owner, results=0, complete=0)
    searches.note_search("lunch", actor=firm.owner, results=0, complete=0)
    synonyms.add_synonyms(actor=firm.administrator, fields={"language": "en", "phrases": "lift\nelevator"})
    return number, searches.ignore_search("lunch", actor=firm.administrator)


def _term() -> GlossaryTerm:
    return GlossaryTerm.objects.create(term="CRM", meaning="Where the customers stand.")


def client_of(firm, who: str) -> Client:
    client = Client()
    if who != "nobody":
        client.force_login(firm.people[who])
    return client

"""Every route × every kind of person, against a written table: a new route without a row fails."""

import base64
import copy
import datetime
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone
from PIL import Image

from procedures.actions import changesets, comments, inventory, reviewing, sharing, steps
from procedures.actions.imported import keep_document
from procedures.draft_history import latest_point
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
from roles.models import Absence
from roles.queries import today
from runs.actions import remarks
from tests.factories import Firm, first_step, make_draft, make_firm, make_next, make_revision

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("routes")]  # the firm of this module is made once

# What a GET answers. Columns: nobody, staff (in the audience), outsider, author of the department, approver (has a slot
# in the open round of `review` and of nothing else), owner, auditor, administrator.
# FIN-100: revision 1 published for Finance only, revision 2 a draft. FIN-200: revision 1 in review. FIN-300: approved.
WHO = ("nobody", "staff", "outsider", "author", "approver", "owner", "auditor", "administrator")
TABLE = """
home                        302 200 200 200 200 200 200 200
library                     302 200 200 200 200 200 200 200
library-suggest             302 200 200 200 200 200 200 200
library-export              302 200 200 200 200 200 200 200
shared                      200 200 200 200 200 200 200 200
shared-file                 200 200 200 200 200 200 200 200
shared-diagram              200 200 200 200 200 200 200 200
shared:unknown              404 404 404 404 404 404 404 404
share-links                 302 403 404 200 403 200 200 200
share-link-revoke           302 404 404 403 404 200 403 200
share-link-openings         302 404 404 200 404 200 200 200
procedure-poster            302 200 404 200 200 200 200 200
library-posters             302 200 200 200 200 200 200 200
offline                     200 200 200 200 200 200 200 200
service-worker              200 200 200 200 200 200 200 200
revision-status             200 200 200 200 200 200 200 200
revision-status:unknown     404 404 404 404 404 404 404 404
library-departments         302 200 200 200 200 200 200 200
library-categories          302 200 200 200 200 200 200 200
library-category            302 200 404 200 200 200 200 200
library-uncategorised       302 200 200 200 200 200 200 200
library-roles               302 200 200 200 200 200 200 200
library-role                302 200 404 200 200 200 200 200
library-letters             302 200 200 200 200 200 200 200
library-changed             302 200 200 200 200 200 200 200
library-mine                302 200 200 200 200 200 200 200
master-list                 302 200 200 200 200 200 200 200
master-list-export          302 200 200 200 200 200 200 200
watching                    302 200 200 200 200 200 200 200
watch                       302 200 404 200 200 200 200 200
checklist                   302 200 404 200 200 200 200 200
favourite                   302 405 405 405 405 405 405 405
opened                      302 405 405 405 405 405 405 405
opened-forget               302 405 405 405 405 405 405 405
categories                  302 404 404 404 404 404 200 200
category-new                302 404 404 404 404 404 403 200
category                    302 404 404 404 404 404 403 200
category-move               302 405 405 405 405 405 405 405
category-merge              302 405 405 405 405 405 405 405
category-remove             302 405 405 405 405 405 405 405
procedure-new               302 403 403 200 403 403 403 403
procedure-import            302 403 403 200 403 403 403 403
imported                    302 404 404 200 404 404 404 404
imported-change             302 405 405 405 405 405 405 405
imported-remove             302 405 405 405 405 405 405 405
imported-picture            302 404 404 200 404 404 404 404
procedure                   302 200 404 200 200 200 200 200
procedure-pdf               302 200 404 200 200 200 200 200
procedure-docx              302 200 404 200 200 200 200 200
procedure-markdown          302 200 404 200 200 200 200 200
procedure-html              302 200 404 200 200 200 200 200
procedure-flowchart         302 200 404 200 200 200 200 200
procedure-steps             302 302 404 302 302 302 302 302
history                     302 200 404 200 200 200 200 200
compare                     302 200 404 200 200 200 200 200
compare:draft               302 404 404 200 404 200 200 200
compare-choose              302 302 404 302 302 302 302 302
compare-since-mine          302 200 404 200 200 200 200 200
learn                       302 200 200 200 200 200 200 200
acknowledge                 302 405 405 405 405 405 405 405
acknowledgements            302 403 404 200 403 200 200 200
acknowledgements-export     302 403 404 200 403 200 200 200
remarks                     302 200 200 200 200 200 200 200
remarks-mine                302 200 200 200 200 200 200 200
remark                      302 200 404 200 404 200 200 200
remark-answer               302 405 405 405 405 405 405 405
remark-postpone             302 405 405 405 405 405 405 405
remark-new                  302 200 404 200 200 200 403 200
draft-remarks               302 404 404 302 404 403 403 403
procedure-settings          302 403 404 200 403 200 403 200
recall                      302 404 404 200 403 403 403 403
publish                     302 404 404 403 404 200 403 200
revoke                      302 404 404 403 404 200 403 200
emergency                   302 404 404 403 200 200 403 403
deviations                  302 200 404 200 200 200 200 200
deviation-new               302 403 404 200 200 403 403 403
deviation                   302 404 404 200 200 200 200 200
deviation-approve           302 405 405 405 405 405 405 405
deviation-refuse            302 405 405 405 405 405 405 405
deviation-recall            302 405 405 405 405 405 405 405
deviation-end               302 403 404 403 200 200 403 200
confirm                     302 403 404 403 403 200 403 403
withdraw                    302 403 404 403 403 200 403 200
revision                    302 200 404 200 200 200 200 200
revision:draft              302 404 404 200 404 200 200 200
revision:in_review          302 404 404 200 200 200 200 200
revision-pdf                302 200 404 200 200 200 200 200
revision-docx               302 200 404 200 200 200 200 200
revision-docx:draft         302 404 404 200 404 200 200 200
revision-markdown           302 200 404 200 200 200 200 200
revision-markdown:draft     302 404 404 200 404 200 200 200
revision-html               302 200 404 200 200 200 200 200
revision-html:draft         302 404 404 200 404 200 200 200
revision-pdf:draft          302 404 404 404 404 404 404 404
diagram                     302 200 404 200 200 200 200 200
diagram:draft               302 404 404 200 404 200 200 200
revision-flowchart          302 200 404 200 200 200 200 200
revision-flowchart:draft    302 404 404 200 404 200 200 200
attachment                  302 200 404 200 200 200 200 200
attachment:draft            302 404 404 200 404 200 200 200
comments                    302 404 404 302 404 302 302 302
comments:published          302 302 404 302 302 302 302 302
comment-answer              302 405 405 405 405 405 405 405
comment-resolve             302 405 405 405 405 405 405 405
comment-reopen              302 405 405 405 405 405 405 405
comment-delete              302 405 405 405 405 405 405 405
draft                       302 404 404 200 404 403 403 403
draft-start                 302 405 405 405 405 405 405 405
draft-details               302 405 405 405 405 405 405 405
draft-preview               302 404 404 200 404 403 403 403
draft-history               302 404 404 200 404 200 200 200
draft-version               302 404 404 200 404 200 200 200
draft-restore               302 405 405 405 405 405 405 405
draft-discard               302 404 404 200 404 403 403 403
draft-image                 302 405 405 405 405 405 405 405
advice-use                  302 405 405 405 405 405 405 405
advice-undo                 302 405 405 405 405 405 405 405
advice-keep                 302 405 405 405 405 405 405 405
advice-restore              302 405 405 405 405 405 405 405
glossary                    302 200 200 200 200 200 200 200
glossary-new                302 403 403 403 403 403 403 200
glossary-term               302 403 403 403 403 403 403 200
glossary-remove             302 405 405 405 405 405 405 405
search-report               302 404 404 200 404 404 200 200
search-report-csv           302 404 404 200 404 404 200 200
search-ignore               302 405 405 405 405 405 405 405
search-heed                 302 405 405 405 405 405 405 405
search-outcome              302 405 405 405 405 405 405 405
synonyms                    302 404 404 404 404 404 200 200
synonyms-csv                302 404 404 404 404 404 200 200
synonyms-new                302 404 404 404 404 404 403 200
synonyms-import             302 404 404 404 404 404 403 200
synonyms-restore            302 404 404 404 404 404 403 200
synonyms-group              302 404 404 404 404 404 403 200
synonyms-remove             302 405 405 405 405 405 405 405
submit                      302 404 404 200 404 403 403 403
step-add                    302 405 405 405 405 405 405 405
draft-presence              302 405 405 405 405 405 405 405
steps-paste                 302 405 405 405 405 405 405 405
steps-remove                302 405 405 405 405 405 405 405
step-duplicate              302 405 405 405 405 405 405 405
step                        302 404 404 200 404 403 403 403
step-move                   302 405 405 405 405 405 405 405
step-remove                 302 405 405 405 405 405 405 405
step-restore                302 405 405 405 405 405 405 405
variant-new                 302 403 404 200 403 403 403 403
translation-new             302 403 404 200 403 403 403 403
differences                 302 200 404 200 200 200 200 200
source-changes              302 403 404 200 403 200 200 200
translate                   302 404 404 200 404 403 403 403
translate-step              302 405 405 405 405 405 405 405
reviews                     302 200 200 200 200 200 200 200
review                      302 404 404 200 200 200 200 200
review-approve              302 405 405 405 405 405 405 405
review-return               302 405 405 405 405 405 405 405
reviews-stuck               302 404 404 404 200 200 200 200
slot-reassign               302 404 404 404 200 404 404 200
absences                    302 200 200 200 200 200 200 200
absence-end                 302 404 404 404 200 404 404 200
manuals                     302 200 200 200 200 200 200 200
manual-new                  302 200 200 200 200 200 200 200
manual                      302 200 404 404 404 404 404 404
manual-pdf                  302 200 404 404 404 404 404 404
manual-cancel               302 405 405 405 405 405 405 405
manual-retry                302 405 405 405 405 405 405 405
firm                        302 404 404 404 404 404 200 200
person-absences             302 404 404 404 404 404 403 200
change-sets                 302 200 200 200 200 200 200 200
change-set-new              302 403 403 200 403 403 403 403
change-set                  302 404 404 200 200 200 200 200
change-set-approve          302 405 405 405 405 405 405 405
change-set-return           302 405 405 405 405 405 405 405
review-look                 302 405 405 405 405 405 405 405
guest-invite                302 405 405 405 405 405 405 405
guest-remove                302 405 405 405 405 405 405 405
inventory                   302 404 404 200 404 404 200 200
inventory-export            302 404 404 200 404 404 200 200
inventory-sample            302 404 404 200 404 404 200 200
inventory-import            302 404 404 200 404 404 403 200
task-new                    302 404 404 200 404 404 403 200
task                        302 404 404 200 404 404 200 200
task-rule-out               302 405 405 405 405 405 405 405
task-bring-back             302 405 405 405 405 405 405 405
task-link                   302 405 405 405 405 405 405 405
task-unlink                 302 405 405 405 405 405 405 405
task-delete                 302 404 404 200 404 404 403 200
standards                   302 200 200 200 200 200 200 200
standards-links             302 404 404 200 404 404 200 200
links-check                 302 405 405 405 405 405 405 405
standard-part               302 200 404 200 200 200 200 200
standard-codes              302 200 404 200 200 200 200 200
standard-blank              302 200 404 200 200 200 200 200
revision-part               302 200 404 200 200 200 200 200
revision-part:draft         302 404 404 200 404 200 200 200
procedure-card              302 200 404 200 200 200 200 200
procedure-links             302 200 404 200 200 200 200 200
draft-parts                 302 404 404 200 404 403 403 403
draft-part                  302 404 404 200 404 403 403 403
draft-part-move             302 405 405 405 405 405 405 405
draft-part-remove           302 405 405 405 405 405 405 405
draft-code                  302 404 404 200 404 403 403 403
draft-code-remove           302 405 405 405 405 405 405 405
draft-codes-import          302 404 404 200 404 403 403 403
people                      302 404 404 404 404 404 200 200
person-new                  302 404 404 404 404 404 403 200
person                      302 404 404 404 404 404 200 200
person-deactivate           302 404 404 404 404 404 403 200
person-activate             302 405 405 405 405 405 405 405
holding-add                 302 404 404 404 404 404 403 200
holding-end                 302 404 404 404 404 404 403 200
departments                 302 404 404 404 404 404 200 200
department-new              302 404 404 404 404 404 403 200
department                  302 404 404 404 404 404 200 200
roles                       302 404 404 404 404 404 200 200
role-new                    302 404 404 404 404 404 403 200
role                        302 404 404 404 404 404 200 200
routes                      302 404 404 404 404 404 200 200
route-new                   302 404 404 404 404 404 403 200
route                       302 404 404 404 404 404 200 200
route-change                302 404 404 404 404 404 403 200
route-deactivate            302 404 404 404 404 404 403 200
route-activate              302 405 405 405 405 405 405 405
route-delete                302 404 404 404 404 404 403 200
settings                    302 200 200 200 200 200 200 200
templates                   302 404 404 404 404 404 200 200
template                    302 404 404 404 404 404 200 200
template-restore            302 405 405 405 405 405 405 405
template-new                302 403 404 403 403 403 403 200
audit                       302 200 200 200 200 200 200 200
audit-export                302 405 405 405 405 405 405 405
audit-access                302 403 403 403 403 403 200 200
audit-review                302 403 403 403 403 403 200 403
procedure-pack              302 403 404 403 403 200 200 200
notices                     302 200 200 200 200 200 200 200
notices-read                302 405 405 405 405 405 405 405
notice-read                 302 405 405 405 405 405 405 405
help                        200 200 200 200 200 200 200 200
healthz                     200 200 200 200 200 200 200 200
readyz                      200 200 200 200 200 200 200 200
"""
ROWS = {line.split()[0]: [int(status) for status in line.split()[1:]] for line in TABLE.strip().splitlines()}

# Routes of allauth: its own tests cover them; `account_email` is ours and leads to the settings.
OTHERS = ("account_", "mfa_")

ROUTE_SENT = {
    "name": "Mine", "version": "1", "risk": "low", "stages-0-name": "X", "stages-0-rule": "all",
    "stages-0-meaning": "approved", "stages-0-days": "5", "stages-0-slots-0-who": "head",
}  # fmt: skip

# What changes something, and what is sent: none of it may do anything for somebody without the right.
POSTS = {
    "category-new": {"name": "New"},
    "category": {"name": "Changed"},
    "category-move": {"position": "1"},
    "category-merge": {"into": "1"},
    "category-remove": {},
    "advice-use": {"field": "title", "rule": "passive", "key": "0" * 64},
    "advice-undo": {"used": "title", "version": "2"},
    "advice-keep": {"field": "title", "rule": "passive", "key": "0" * 64},
    "advice-restore": {"field": "title", "rule": "passive", "key": "0" * 64},
    "search-ignore": {"form": "compani park"},
    "search-heed": {},
    "search-outcome": {"opened": "1"},
    "synonyms-new": {"language": "en", "phrases": "tram\nstreetcar"},
    "synonyms-import": {},
    "synonyms-restore": {},
    "synonyms-group": {"language": "en", "phrases": "tram\nstreetcar"},
    "synonyms-remove": {},
    "glossary-new": {"term": "CRM", "meaning": "x"},
    "glossary-term": {"term": "CRM", "meaning": "changed"},
    "glossary-remove": {},
    "share-links": {"recipient": "X", "shows": "follow", "ends_on": datetime.date.today().isoformat()},
    "share-link-revoke": {"reason": "x"},
    "procedure-new": {"title": "X", "kind": "procedure", "code": "FIN-999"},
    "imported": {"title": "X", "code": "FIN-996", "kind": "procedure"},
    "imported-change": {"change": "undo", "version": "1"},
    "imported-remove": {},
    "procedure-settings": {"kind": "policy", "risk": "low", "audience": "everyone"},
    "recall": {"reason": "x"},
    "publish": {"reason": "x"},
    "revoke": {"reason": "x"},
    "emergency": {"content_hash": "x", "reason": "x", "days": "1", "password": "x"},
    "deviation-new": {"step": "x", "department": "1", "reason": "x", "instead": "x", "starts": "x", "ends": "x"},
    "deviation-approve": {"asked_hash": "x", "password": "x"},
    "deviation-refuse": {"asked_hash": "x", "reason": "x"},
    "deviation-recall": {},
    "deviation-end": {"reason": "x"},
    "acknowledge": {"number": "1", "content_hash": "0" * 64},
    "remark-new": {"number": "1", "kind": "wrong", "text": "x"},
    "remark-answer": {"version": "1", "answer": "declined", "text": "x"},
    "remark-postpone": {"version": "1"},
    "confirm": {"number": "1", "content_hash": "x", "comment": "x", "password": "x"},
    "withdraw": {"reason": "x"},
    "draft-start": {},
    "draft-details": {"title": "Changed", "version": "1"},
    "draft-discard": {"reason": "x"},
    "draft-restore": {"version": "1", "base": "{}"},
    "draft-image": {},
    "submit": {"change_summary": "x", "significance": "major", "version": "3"},
    "step-add": {"title": "X"},
    "comments": {"body": "x"},
    "comment-answer": {"body": "x"},
    "comment-resolve": {},
    "comment-reopen": {},
    "comment-delete": {},
    "draft-presence": {},
    "steps-paste": {"text": "1. x\n2. y"},
    "steps-remove": {"uid": "x"},
    "step-duplicate": {},
    "step": {"title": "Changed", "kind": "action", "version": "1"},
    "step-move": {"position": "2"},
    "step-remove": {},
    "step-restore": {},
    "variant-new": {"title": "X", "code": "FIN-998", "risk": "low", "audience": "everyone"},
    "translation-new": {"title": "X", "code": "FIN-997", "language": "de", "risk": "low", "audience": "everyone"},
    "differences": {"uid": "00000000-0000-4000-8000-000000000000", "reason": "x"},
    "source-changes": {"number": "1", "choice": "note"},
    "translate": {"details-version": "1", "details-number": "1", "details-title": "X"},
    "translate-step": {"version": "1", "number": "1", "title": "X"},
    "template": {"name": "Changed"},
    "template-restore": {},
    "template-new": {"name": "New"},
    "draft-parts": {"kind": "codes", "name": "X"},
    "draft-part": {"name": "Changed", "version": "x"},
    "draft-part-move": {"position": "2"},
    "draft-part-remove": {},
    "draft-code": {"code": "1", "name": "X"},
    "draft-code-remove": {"code": "6010"},
    "draft-codes-import": {"codes": "[]", "version": "x"},
    "review-approve": {"content_hash": "x", "password": "x"},
    "review-return": {"content_hash": "x", "reason": "x"},
    "change-set-new": {"name": "X", "drafts": ["1"]},
    "change-set-approve": {"manifest_hash": "x", "password": "x"},
    "change-set-return": {"manifest_hash": "x", "reason": "x"},
    "slot-reassign": {"held_by": "head::", "person": "1", "reason": "x"},
    "manual-new": {"title": "Everything"},
    "manual-cancel": {},
    "manual-retry": {},
    "firm": {"name": "Mine", "accent": "#000000"},
    "absence-end": {"reason": "x"},
    "person-absences": {"starts": "2099-01-01", "ends": "2099-01-02", "reason": "x"},
    "review-look": {},
    "guest-invite": {"person": "1"},
    "guest-remove": {},
    "links-check": {},
    "inventory-import": {"filename": "x.csv", "rows": '[[1,"Department","Task"],[2,"FIN","X"]]'},
    "task-new": {"title": "X", "department": "1", "frequency": "daily", "impact": "3", "feasibility": "3"},
    "task": {"title": "X", "department": "1", "frequency": "daily", "impact": "3", "feasibility": "3"},
    "task-rule-out": {"reason": "x"},
    "task-bring-back": {},
    "task-link": {"code": "FIN-100"},
    "task-unlink": {},
    "task-delete": {},
    "audit-export": {"format": "csv"},
    "audit-access": {"day": "2026-01-01"},
    "audit-review": {"after": "0", "upto": "1", "upto_hash": "x", "password": ""},
    "procedure-pack": {},
    "person-new": {"email": "x@firm.test", "full_name": "X", "access": "administrator", "language": "en"},
    "person": {"email": "x@firm.test", "full_name": "X", "access": "administrator", "language": "en"},
    "person-deactivate": {"reason": "x"},
    "person-activate": {},
    "holding-add": {"role": "1", "starts": "2026-01-01"},
    "holding-end": {"ends": "2026-12-31"},
    "department-new": {"code": "NEW", "name": "New"},
    "department": {"name": "Changed"},
    "role-new": {"name": "New"},
    "role": {"name": "Changed"},
    "route-new": ROUTE_SENT,
    "route-change": ROUTE_SENT,
    "route-deactivate": {"reason": "x"},
    "route-activate": {},
    "route-delete": {},
}


def names(resolver=None) -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern)
        else:
            yield pattern.name


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


@pytest.fixture(scope="module")
def site(module_database) -> Site:
    firm = make_firm()
    return Site(firm, make_addresses(firm))


@pytest.fixture
def firm(site, db) -> Firm:
    return copy.deepcopy(site.firm)


@pytest.fixture
def addresses(site) -> dict[str, str]:
    return site.addresses


def make_addresses(firm: Firm) -> dict[str, str]:
    audience = {"audience": "departments", "audience_departments": [firm.finance]}
    diagram = "flowchart TD\n  A --> B"
    draft = make_draft(firm, code="FIN-100", background=f"```mermaid\n{diagram}\n```", **audience)
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    upload = SimpleUploadedFile("red.png", picture.getvalue())
    attachment = steps.attach_image(draft, actor=firm.author, upload=upload)
    from procedures.actions import approval
    from tests.factories import approve

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
        **dict.fromkeys(("manual", "manual-pdf", "manual-cancel", "manual-retry"), {"pk": start_manual(firm).pk}),
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
    from procedures.actions import approval, standards
    from tests.factories import approve

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
    from procedures.actions import deviations
    from tests.factories import PASSWORD

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
    from procedures.actions import approval, relatives
    from tests.factories import approve

    readers = {"audience": "departments", "audience_departments": [firm.finance]}
    common = {"actor": firm.author, "department": firm.finance, "owner": firm.owner, "title": "X", **readers}
    variant = relatives.make_variant(source, code="FIN-510", **common)
    approval.submit(variant, actor=firm.author)
    approve(variant, by=firm.approver)
    language = "fr" if firm.language == "en" else "en"
    return relatives.start_translation(source, code="FIN-520", language=language, **common)


def start_searches(firm) -> tuple[int | None, IgnoredSearch]:
    """The number of a search of the owner, words that are left out of the report, and a group of synonyms."""
    from procedures.actions import searches, synonyms

    number = searches.note_search("company parking", actor=firm.owner, results=0, complete=0)
    searches.note_search("lunch", actor=firm.owner, results=0, complete=0)
    synonyms.add_synonyms(actor=firm.administrator, fields={"language": "en", "phrases": "lift\nelevator"})
    return number, searches.ignore_search("lunch", actor=firm.administrator)


def _term() -> GlossaryTerm:
    return GlossaryTerm.objects.create(term="CRM", meaning="Where the customers stand.")


MAY_SEND = {("auditor", row) for row in ("audit-export", "audit-access", "procedure-pack", "links-check")}
MAY_SEND |= {("staff", "acknowledge"), ("staff", "remark-new"), ("staff", "manual-cancel"), ("staff", "manual-retry")}
MAY_SEND |= {(who, "manual-new") for who in ("outsider", "staff", "auditor", "superuser")}
"""Who has the right all the same."""


def client_of(firm, who: str) -> Client:
    client = Client()
    if who != "nobody":
        client.force_login(firm.people[who])
    return client


def snapshot() -> dict[str, list]:
    """Every row of every table of ours, so that a single changed cell is seen."""
    tables = [name for name in connection.introspection.table_names() if name.startswith(OURS)]
    rows = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows[table] = sorted(map(repr, cursor.fetchall()))
    return rows


OURS = ("procedures_", "roles_", "audit_", "notifications_", "runs_", "training_", "reports_")


def test_every_route_has_a_row():
    ours = {name for name in names() if not name.startswith(OTHERS)}
    assert ours == {row.split(":")[0] for row in ROWS}


def test_every_route_that_takes_a_post_is_tried():
    takes_none = {row.split(":")[0] for row in ROWS} - POSTS.keys()
    assert takes_none == {
        # for everybody who may read: they change one's own marks and nothing else
        "favourite", "watch", "opened", "opened-forget",
        "library-departments", "library-categories", "library-category", "library-uncategorised", "library-roles",
        "library-role", "library-letters", "library-changed", "library-mine", "master-list", "master-list-export",
        "watching", "categories", "checklist",
        "glossary", "draft-history", "draft-version",
        "search-report", "search-report-csv", "synonyms", "synonyms-csv",
        "procedure-flowchart", "revision-flowchart", "diagram",
        "templates", "library-export", "procedure-docx", "procedure-markdown", "procedure-html", "revision-docx",
        "revision-markdown", "revision-html",
        "inventory", "inventory-export", "inventory-sample",
        "remarks", "remarks-mine", "remark", "draft-remarks",
        "compare-since-mine", "learn", "acknowledgements", "acknowledgements-export",
        "home", "library", "library-suggest", "procedure", "procedure-pdf", "history", "compare", "compare-choose",
        "revision", "revision-pdf",
        "procedure-steps", "attachment", "draft", "draft-preview", "reviews", "review", "people", "departments",
        "deviations", "deviation", "reviews-stuck", "change-sets", "change-set", "absences",
        "roles", "route", "routes", "settings", "manuals", "manual", "manual-pdf",
        "notices", "notices-read", "notice-read", "audit",
        "help", "healthz", "readyz", "procedure-import", "imported-picture",
        "standards", "standards-links", "standard-part", "standard-codes", "standard-blank", "revision-part",
        "procedure-card", "procedure-links", "revision-status",
        "shared", "shared-file", "shared-diagram", "share-link-openings", "procedure-poster", "library-posters",
        "offline", "service-worker",
    }  # fmt: skip


@pytest.fixture
def answers(site, firm, addresses, who) -> Answers:
    """Of one walk past every address; both tests of it read the same."""
    if who not in site.answers:
        client = client_of(firm, who)
        client.get(addresses["procedure-pdf"])  # makes the PDF if the worker has not yet: kept, so it is made once
        client.get(addresses["revision-pdf"])
        for row in ("diagram", "diagram:draft", "shared-diagram"):  # drawn once, for whoever asks first
            client.get(addresses[row])
        statuses = {"shared": client.get(addresses["shared"]).status_code}  # noted in the log of the link
        before = snapshot()
        others = {row: address for row, address in addresses.items() if row not in statuses}
        statuses |= {row: client.get(address).status_code for row, address in others.items()}
        site.answers[who] = Answers(statuses, before, snapshot())
    return site.answers[who]


@pytest.mark.parametrize("who", WHO)
def test_who_sees_what(answers, who):
    column = WHO.index(who)
    assert answers.statuses == {row: statuses[column] for row, statuses in ROWS.items()}


@pytest.mark.parametrize("who", WHO)
def test_a_get_changes_nothing(answers, who):
    assert answers.after == answers.before


@pytest.mark.parametrize("who", ["nobody", "outsider", "staff", "auditor", "superuser"])
def test_a_post_without_the_right_changes_nothing(firm, addresses, who):
    client = client_of(firm, who)
    before = snapshot()
    for row, data in POSTS.items():
        if (who, row) in MAY_SEND:
            continue
        response = client.post(addresses[row], data)
        expected = {302} if who == "nobody" else {403, 404}
        assert response.status_code in expected, f"{row}: {response.status_code}"
    assert snapshot() == before


@pytest.mark.parametrize("row", POSTS)
def test_a_post_without_a_token_is_refused(firm, addresses, row):
    client = Client(enforce_csrf_checks=True)
    client.force_login(firm.administrator)
    before = snapshot()
    assert client.post(addresses[row], POSTS[row]).status_code == 403
    assert snapshot() == before

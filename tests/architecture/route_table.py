"""What each kind of person is answered at each address, and what is sent there. A new route has its row here."""

import datetime

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
manual-delete               302 405 405 405 405 405 405 405
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
    "manual-delete": {},
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

MAY_SEND = {("auditor", row) for row in ("audit-export", "audit-access", "procedure-pack", "links-check")}
MAY_SEND |= {("staff", "acknowledge"), ("staff", "remark-new")}
MAY_SEND |= {("staff", act) for act in ("manual-delete", "manual-cancel", "manual-retry")}
MAY_SEND |= {(who, "manual-new") for who in ("outsider", "staff", "auditor", "superuser")}
"""Who has the right all the same."""

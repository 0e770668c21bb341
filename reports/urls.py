"""Addresses of the audit trail and of auditors' packs."""

from django.urls import path

from reports.views import access, pack, trail

# The converter `code` is registered by procedures.urls, which sopdesk.urls includes before.
urlpatterns = [
    path("audit/", trail.audit, name="audit"),
    path("audit/export/", trail.audit_export, name="audit-export"),
    path("audit/access/", access.audit_access, name="audit-access"),
    path("audit/review/", trail.audit_review, name="audit-review"),
    path("procedures/<code:code>/pack/", pack.procedure_pack, name="procedure-pack"),
]

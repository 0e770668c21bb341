"""Addresses of procedures, their revisions, drafts and reviews."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from procedures.views import approval, editing, home, importing, library, reading


class CodeConverter(StringConverter):
    """A procedure's code: FIN-014."""

    regex = r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+"


register_converter(CodeConverter, "code")

urlpatterns = [
    path("", home.home, name="home"),
    path("library/", library.library, name="library"),
    path("library/suggest/", library.library_suggest, name="library-suggest"),
    path("procedures/new/", editing.procedure_new, name="procedure-new"),
    path("procedures/import/", importing.procedure_import, name="procedure-import"),
    # One procedure
    path("procedures/<code:code>/", reading.procedure, name="procedure"),
    path("procedures/<code:code>/pdf/", reading.procedure_pdf, name="procedure-pdf"),
    path("procedures/<code:code>/history/", reading.history, name="history"),
    path("procedures/<code:code>/settings/", editing.procedure_settings, name="procedure-settings"),
    path("procedures/<code:code>/recall/", approval.recall, name="recall"),
    path("procedures/<code:code>/publish/", approval.publish, name="publish"),
    path("procedures/<code:code>/withdraw/", approval.withdraw, name="withdraw"),
    # One revision
    path("procedures/<code:code>/<int:number>/", reading.revision, name="revision"),
    path("procedures/<code:code>/<int:number>/pdf/", reading.revision_pdf, name="revision-pdf"),
    path("procedures/<code:code>/<int:number>/files/<slug:key>/", reading.attachment, name="attachment"),
    # The draft
    path("procedures/<code:code>/draft/", editing.draft, name="draft"),
    path("procedures/<code:code>/draft/start/", editing.draft_start, name="draft-start"),
    path("procedures/<code:code>/draft/details/", editing.draft_details, name="draft-details"),
    path("procedures/<code:code>/draft/preview/", editing.draft_preview, name="draft-preview"),
    path("procedures/<code:code>/draft/discard/", editing.draft_discard, name="draft-discard"),
    path("procedures/<code:code>/draft/files/", editing.draft_image, name="draft-image"),
    path("procedures/<code:code>/draft/submit/", approval.submit, name="submit"),
    path("procedures/<code:code>/draft/steps/", editing.step_add, name="step-add"),
    path("procedures/<code:code>/draft/steps/<uuid:uid>/", editing.step, name="step"),
    path("procedures/<code:code>/draft/steps/<uuid:uid>/move/", editing.step_move, name="step-move"),
    path("procedures/<code:code>/draft/steps/<uuid:uid>/remove/", editing.step_remove, name="step-remove"),
    path("procedures/<code:code>/draft/steps/<uuid:uid>/restore/", editing.step_restore, name="step-restore"),
    # Approval
    path("reviews/", approval.reviews, name="reviews"),
    path("reviews/<int:pk>/", approval.review, name="review"),
    path("reviews/<int:pk>/approve/", approval.review_approve, name="review-approve"),
    path("reviews/<int:pk>/return/", approval.review_return, name="review-return"),
]

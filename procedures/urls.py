"""Addresses of procedures, their revisions, drafts and reviews."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from procedures.views import (
    absences,
    advising,
    approval,
    changesets,
    charts,
    commenting,
    comparison,
    confirming,
    deviations,
    editing,
    emergency,
    exporting,
    glossary,
    home,
    importing,
    inline,
    inventory,
    library,
    reading,
    relatives,
    reviewing,
    routes,
    sharing,
    standards,
    starting,
    tasks,
    templates,
    translating,
)


class CodeConverter(StringConverter):
    """A procedure's code: FIN-014."""

    regex = r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+"


class SheetConverter(StringConverter):
    """The end of the name of a table."""

    regex = r"csv|xlsx"


register_converter(CodeConverter, "code")
register_converter(SheetConverter, "sheet")

urlpatterns = [
    path("", home.home, name="home"),
    path("library/", library.library, name="library"),
    path("library/suggest/", library.library_suggest, name="library-suggest"),
    path("library/export/", exporting.library_export, name="library-export"),
    path("procedures/new/", starting.procedure_new, name="procedure-new"),
    path("procedures/import/", importing.procedure_import, name="procedure-import"),
    path("procedures/import/<int:pk>/", importing.imported, name="imported"),
    path("procedures/import/<int:pk>/change/", importing.imported_change, name="imported-change"),
    path("procedures/import/<int:pk>/remove/", importing.imported_remove, name="imported-remove"),
    path("procedures/import/<int:pk>/pictures/<slug:key>/", importing.imported_picture, name="imported-picture"),
    # Without logging in
    path("v/<str:token>/", sharing.revision_status, name="revision-status"),
    # The glossary
    path("glossary/", glossary.glossary, name="glossary"),
    path("glossary/new/", glossary.glossary_new, name="glossary-new"),
    path("glossary/<int:pk>/", glossary.glossary_term, name="glossary-term"),
    path("glossary/<int:pk>/remove/", glossary.glossary_remove, name="glossary-remove"),
    # Templates
    path("templates/", templates.templates, name="templates"),
    path("templates/<int:pk>/", templates.template, name="template"),
    path("templates/<int:pk>/restore/", templates.template_restore, name="template-restore"),
    # The task inventory
    path("inventory/", inventory.inventory, name="inventory"),
    path("inventory/export.<sheet:format>", inventory.inventory_export, name="inventory-export"),
    path("inventory/sample.<sheet:format>", inventory.inventory_sample, name="inventory-sample"),
    path("inventory/import/", inventory.inventory_import, name="inventory-import"),
    path("inventory/new/", tasks.task_new, name="task-new"),
    path("inventory/<int:pk>/", tasks.task, name="task"),
    path("inventory/<int:pk>/not-needed/", tasks.task_rule_out, name="task-rule-out"),
    path("inventory/<int:pk>/needed/", tasks.task_bring_back, name="task-bring-back"),
    path("inventory/<int:pk>/link/", tasks.task_link, name="task-link"),
    path("inventory/<int:pk>/unlink/", tasks.task_unlink, name="task-unlink"),
    path("inventory/<int:pk>/delete/", tasks.task_delete, name="task-delete"),
    # Standards
    path("standards/", standards.standards, name="standards"),
    path("standards/links/", standards.broken_links_report, name="standards-links"),
    path("standards/links/check/", standards.links_check, name="links-check"),
    path("standards/<code:code>/<slug:key>/", standards.standard_part, name="standard-part"),
    path("standards/<code:code>/<slug:key>/codes.<sheet:format>", standards.standard_codes, name="standard-codes"),
    path("standards/<code:code>/<slug:key>/blank/", standards.standard_blank, name="standard-blank"),
    # One procedure
    path("procedures/<code:code>/", reading.procedure, name="procedure"),
    path("procedures/<code:code>/steps/", inline.procedure_steps, name="procedure-steps"),
    path("procedures/<code:code>/pdf/", reading.procedure_pdf, name="procedure-pdf"),
    path("procedures/<code:code>/docx/", exporting.procedure_docx, name="procedure-docx"),
    path("procedures/<code:code>/markdown/", exporting.procedure_markdown, name="procedure-markdown"),
    path("procedures/<code:code>/html/", exporting.procedure_html, name="procedure-html"),
    path("procedures/<code:code>/flowchart.svg", charts.procedure_flowchart, name="procedure-flowchart"),
    path("procedures/<code:code>/history/", reading.history, name="history"),
    path("procedures/<code:code>/compare/", comparison.compare_choose, name="compare-choose"),
    path("procedures/<code:code>/compare/<int:a>/<int:b>/", comparison.compare_revisions, name="compare"),
    path("procedures/<code:code>/settings/", editing.procedure_settings, name="procedure-settings"),
    path("procedures/<code:code>/template/", templates.template_new, name="template-new"),
    path("procedures/<code:code>/recall/", approval.recall, name="recall"),
    path("procedures/<code:code>/publish/", approval.publish, name="publish"),
    path("procedures/<code:code>/revoke/", approval.revoke, name="revoke"),
    path("procedures/<code:code>/emergency/", emergency.emergency, name="emergency"),
    path("procedures/<code:code>/deviations/", deviations.deviations, name="deviations"),
    path("procedures/<code:code>/deviations/new/", deviations.deviation_new, name="deviation-new"),
    path("procedures/<code:code>/deviations/<int:pk>/", deviations.deviation, name="deviation"),
    path("procedures/<code:code>/deviations/<int:pk>/approve/", deviations.deviation_approve, name="deviation-approve"),
    path("procedures/<code:code>/deviations/<int:pk>/refuse/", deviations.deviation_refuse, name="deviation-refuse"),
    path("procedures/<code:code>/deviations/<int:pk>/recall/", deviations.deviation_recall, name="deviation-recall"),
    path("procedures/<code:code>/deviations/<int:pk>/end/", deviations.deviation_end, name="deviation-end"),
    path("procedures/<code:code>/confirm/", confirming.confirm, name="confirm"),
    path("procedures/<code:code>/withdraw/", approval.withdraw, name="withdraw"),
    # Its relatives
    path("procedures/<code:code>/variant/", relatives.variant_new, name="variant-new"),
    path("procedures/<code:code>/translation/", relatives.translation_new, name="translation-new"),
    path("procedures/<code:code>/differences/", relatives.differences, name="differences"),
    path("procedures/<code:code>/changes/", relatives.source_changes, name="source-changes"),
    path("procedures/<code:code>/draft/translate/", translating.translate, name="translate"),
    path("procedures/<code:code>/draft/translate/<uuid:uid>/", translating.translate_step, name="translate-step"),
    path("procedures/<code:code>/card/", standards.procedure_card, name="procedure-card"),
    path("procedures/<code:code>/links/", standards.procedure_links, name="procedure-links"),
    # One revision
    path("procedures/<code:code>/<int:number>/", reading.revision, name="revision"),
    path("procedures/<code:code>/<int:number>/pdf/", reading.revision_pdf, name="revision-pdf"),
    path("procedures/<code:code>/<int:number>/docx/", exporting.revision_docx, name="revision-docx"),
    path("procedures/<code:code>/<int:number>/markdown/", exporting.revision_markdown, name="revision-markdown"),
    path("procedures/<code:code>/<int:number>/html/", exporting.revision_html, name="revision-html"),
    path("procedures/<code:code>/<int:number>/flowchart.svg", charts.revision_flowchart, name="revision-flowchart"),
    path("procedures/<code:code>/<int:number>/diagrams/<slug:key>.svg", charts.diagram, name="diagram"),
    path("procedures/<code:code>/<int:number>/files/<slug:key>/", reading.attachment, name="attachment"),
    # What is said about it on its way
    path("procedures/<code:code>/<int:number>/comments/", commenting.comments, name="comments"),
    path("comments/<int:pk>/answer/", commenting.comment_answer, name="comment-answer"),
    path("comments/<int:pk>/resolve/", commenting.comment_resolve, name="comment-resolve"),
    path("comments/<int:pk>/reopen/", commenting.comment_reopen, name="comment-reopen"),
    path("comments/<int:pk>/delete/", commenting.comment_delete, name="comment-delete"),
    path("procedures/<code:code>/<int:number>/parts/<slug:key>/", standards.revision_part, name="revision-part"),
    # The draft
    path("procedures/<code:code>/draft/", editing.draft, name="draft"),
    path("procedures/<code:code>/draft/start/", editing.draft_start, name="draft-start"),
    path("procedures/<code:code>/draft/details/", editing.draft_details, name="draft-details"),
    path("procedures/<code:code>/draft/preview/", editing.draft_preview, name="draft-preview"),
    path("procedures/<code:code>/draft/history/", editing.draft_history, name="draft-history"),
    path("procedures/<code:code>/draft/history/<int:point>/", editing.draft_version, name="draft-version"),
    path("procedures/<code:code>/draft/history/<int:point>/restore/", editing.draft_restore, name="draft-restore"),
    path("procedures/<code:code>/draft/discard/", editing.draft_discard, name="draft-discard"),
    path("procedures/<code:code>/draft/files/", editing.draft_image, name="draft-image"),
    path("procedures/<code:code>/draft/submit/", approval.submit, name="submit"),
    path("procedures/<code:code>/draft/steps/", editing.step_add, name="step-add"),
    path("procedures/<code:code>/draft/steps/paste/", editing.steps_paste, name="steps-paste"),
    path("procedures/<code:code>/draft/steps/remove/", editing.steps_remove, name="steps-remove"),
    path("procedures/<code:code>/draft/presence/", editing.draft_presence, name="draft-presence"),
    path("procedures/<code:code>/draft/steps/<uuid:uid>/", editing.step, name="step"),
    path("procedures/<code:code>/draft/steps/<uuid:uid>/duplicate/", editing.step_duplicate, name="step-duplicate"),
    path("procedures/<code:code>/draft/steps/<uuid:uid>/move/", editing.step_move, name="step-move"),
    path("procedures/<code:code>/draft/steps/<uuid:uid>/remove/", editing.step_remove, name="step-remove"),
    path("procedures/<code:code>/draft/steps/<uuid:uid>/restore/", editing.step_restore, name="step-restore"),
    path("procedures/<code:code>/draft/advice/use/", advising.advice_use, name="advice-use"),
    path("procedures/<code:code>/draft/advice/undo/", advising.advice_undo, name="advice-undo"),
    path("procedures/<code:code>/draft/advice/keep/", advising.advice_keep, name="advice-keep"),
    path("procedures/<code:code>/draft/advice/restore/", advising.advice_restore, name="advice-restore"),
    # The parts of a standard
    path("procedures/<code:code>/draft/parts/", standards.draft_parts, name="draft-parts"),
    path("procedures/<code:code>/draft/parts/<slug:key>/", standards.draft_part, name="draft-part"),
    path("procedures/<code:code>/draft/parts/<slug:key>/move/", standards.draft_part_move, name="draft-part-move"),
    path(
        "procedures/<code:code>/draft/parts/<slug:key>/remove/", standards.draft_part_remove, name="draft-part-remove"
    ),
    path("procedures/<code:code>/draft/parts/<slug:key>/codes/", standards.draft_code, name="draft-code"),
    path(
        "procedures/<code:code>/draft/parts/<slug:key>/codes/remove/",
        standards.draft_code_remove,
        name="draft-code-remove",
    ),
    path(
        "procedures/<code:code>/draft/parts/<slug:key>/codes/import/",
        standards.draft_codes_import,
        name="draft-codes-import",
    ),
    # Approval routes
    path("routes/", routes.routes, name="routes"),
    path("routes/new/", routes.route_new, name="route-new"),
    path("routes/<int:pk>/", routes.route, name="route"),
    path("routes/<int:pk>/change/", routes.route_change, name="route-change"),
    path("routes/<int:pk>/deactivate/", routes.route_deactivate, name="route-deactivate"),
    path("routes/<int:pk>/activate/", routes.route_activate, name="route-activate"),
    path("routes/<int:pk>/delete/", routes.route_delete, name="route-delete"),
    # Approval
    path("reviews/", approval.reviews, name="reviews"),
    path("change-sets/", changesets.change_sets, name="change-sets"),
    path("change-sets/new/", changesets.change_set_new, name="change-set-new"),
    path("change-sets/<int:pk>/", changesets.change_set, name="change-set"),
    path("change-sets/<int:pk>/approve/", changesets.change_set_approve, name="change-set-approve"),
    path("change-sets/<int:pk>/return/", changesets.change_set_return, name="change-set-return"),
    path("reviews/stuck/", absences.reviews_stuck, name="reviews-stuck"),
    path("reviews/places/<int:pk>/reassign/", absences.slot_reassign, name="slot-reassign"),
    path("reviews/<int:pk>/", approval.review, name="review"),
    path("reviews/<int:pk>/approve/", approval.review_approve, name="review-approve"),
    path("reviews/<int:pk>/return/", approval.review_return, name="review-return"),
    path("reviews/<int:pk>/look/", reviewing.review_look, name="review-look"),
    path("reviews/<int:pk>/guests/", reviewing.guest_invite, name="guest-invite"),
    path("reviews/<int:pk>/guests/<int:guest>/remove/", reviewing.guest_remove, name="guest-remove"),
    # Absences
    path("settings/absence/", absences.absences, name="absences"),
    path("settings/absence/<int:pk>/end/", absences.absence_end, name="absence-end"),
    path("people/<int:pk>/absence/", absences.person_absences, name="person-absences"),
]

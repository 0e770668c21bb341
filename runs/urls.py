"""Addresses of suggestions from readers. Runs themselves have none yet."""

from django.urls import path

from runs.views import answering, suggesting

# The converter `code` is registered by procedures.urls, which sopdesk.urls includes before.
urlpatterns = [
    path("remarks/", answering.remarks, name="remarks"),
    path("remarks/mine/", suggesting.remarks_mine, name="remarks-mine"),
    path("remarks/<int:pk>/", answering.remark, name="remark"),
    path("remarks/<int:pk>/answer/", answering.remark_answer, name="remark-answer"),
    path("remarks/<int:pk>/postpone/", answering.remark_postpone, name="remark-postpone"),
    path("procedures/<code:code>/suggest/", suggesting.remark_new, name="remark-new"),
    path("procedures/<code:code>/draft/remarks/", answering.draft_remarks, name="draft-remarks"),
]

"""Every address of sopdesk. Those of design.md section 7 are never renamed."""

from django.urls import include, path

from sopdesk import views

urlpatterns = [
    path("", include("procedures.urls")),
    path("", include("training.urls")),
    path("", include("runs.urls")),
    path("", include("reports.urls")),
    path("", include("roles.urls")),
    path("", include("notifications.urls")),
    path("accounts/", include("allauth.urls")),
    path("help/", views.help_page, name="help"),
    path("offline/", views.offline_page, name="offline"),
    path("sw.js", views.service_worker, name="service-worker"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]

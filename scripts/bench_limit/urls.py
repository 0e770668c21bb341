from django.urls import path

from bench_limit import views

urlpatterns = [
    path("procedures/<slug:code>/", views.procedure, name="procedure"),
    path("procedures/<slug:code>/pdf/", views.pdf),
    path("library/", views.library),
    path("search/", views.search),
]

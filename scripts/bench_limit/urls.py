"""The addresses of the limit, which asks for the person of a session as Django does: the session names our backend."""

from django.contrib.auth.backends import ModelBackend
from django.urls import path

from bench_limit import views
from roles.backends import PersonBackend

PersonBackend.get_user = ModelBackend.get_user

urlpatterns = [
    path("procedures/<slug:code>/", views.procedure, name="procedure"),
    path("procedures/<slug:code>/pdf/", views.pdf),
    path("library/", views.library),
    path("search/", views.search),
]

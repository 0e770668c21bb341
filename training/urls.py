"""Addresses of reading confirmed, and of what changed since."""

from django.urls import path

from training.views import acknowledgements, acknowledging, since_mine

# The converters `code` and `sheet` are registered by procedures.urls, which sopdesk.urls includes before.
urlpatterns = [
    path("learn/", acknowledgements.learn, name="learn"),
    path("procedures/<code:code>/acknowledge/", acknowledging.acknowledge, name="acknowledge"),
    path("procedures/<code:code>/compare/since-mine/", since_mine.compare_since_mine, name="compare-since-mine"),
    path("procedures/<code:code>/acknowledgements/", acknowledgements.acknowledgements, name="acknowledgements"),
    path(
        "procedures/<code:code>/acknowledgements.<sheet:format>",
        acknowledgements.acknowledgements_export,
        name="acknowledgements-export",
    ),
]

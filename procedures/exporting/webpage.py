"""A revision as one HTML file that needs nothing else: no script, no network, pictures and style within."""

import base64
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString
from lxml import etree, html

from procedures.exporting.frame import Frame, day
from procedures.models import Revision
from procedures.phrases import labels_language
from procedures.queries import media_of
from procedures.rendering import ICON_SHEET, render_document
from sopdesk.lib.markup import SANITISER_VERSION

STYLE_SHEETS = ("tokens.css", "flowchart.css", "exported.css")
ONLY_IN_THE_APPLICATION = (
    ".//form|.//*[contains(concat(' ', @class, ' '), ' no-print ')]"
    "|.//*[@class='step-tools']/a|.//details[@class='subprocedure-steps']"
)
POLICY = "default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
Picture = tuple[str, bytes]


def webpage_of(
    frame: Frame, revision: Revision, *, pictures: Mapping[str, Picture], drawings: Mapping[str, str]
) -> bytes:
    """The file. `pictures` are (content type, bytes) by key, `drawings` SVG by address; one that is missing leaves its
    words."""
    address = media_of(revision, frame.content)
    data = {address(key): _data_url(*picture) for key, picture in pictures.items()}
    data |= {url: _data_url("image/svg+xml", svg.encode()) for url, svg in drawings.items()}
    document = _standing_alone(_document(revision, frame.content), data)
    style = _style()
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    with translation.override(labels_language(frame.content)):
        context = {
            "frame": frame,
            "effective_on": day(frame.effective_on),
            "next_review_on": day(frame.next_review_on),
            "changes": [(row.number, day(row.date), row.summary) for row in frame.changes],
            "document": document,
            "symbols": _symbols(document),
            # Both come from files of ours; the policy names the style by its hash.
            "style": SafeString(style),  # nosec B308 B703
            "policy": POLICY.format(digest=digest),
        }
        return render_to_string("exports/procedure.html", context).encode()


def _document(revision: Revision, content: dict) -> str:
    """The document as it was stored on submission; that of a draft, or of an older sanitiser, is made now."""
    if revision.rendered and revision.sanitiser_version == SANITISER_VERSION:
        return revision.rendered
    return render_document(content, media=media_of(revision, content))


def _standing_alone(document: str, data: Mapping[str, str]) -> SafeString:
    """`document` without what works in the application only; pictures within, from `data` by their addresses; links
    leading to the application."""
    root = html.fragment_fromstring(document, create_parent="main")
    for node in root.xpath(ONLY_IN_THE_APPLICATION):
        node.drop_tree()
    for node in root.iter("img"):
        source = node.get("src") or ""
        if source in data:
            node.set("src", data[source])
        elif not source.startswith("data:image/"):
            node.attrib.pop("src", None)
    for node in root.iter("a"):
        target = node.get("href") or ""
        if target.startswith("/"):
            node.set("href", settings.BASE_URL + target)
    for node in root.iter("use"):
        node.set("href", (node.get("href") or "").removeprefix(ICON_SHEET))
    # Nothing was added but addresses: what the sanitisers let through stays what it was.
    return SafeString("".join(_source(node) for node in root))  # nosec B308 B703


def _data_url(content_type: str, data: bytes) -> str:
    return f"data:{content_type};base64,{base64.b64encode(data).decode()}"


def _source(node: Any) -> str:
    return etree.tostring(node, encoding="unicode", method="html")


def _symbols(document: str) -> SafeString:
    """Those symbols of the icon sheet that `document` uses."""
    sheet = html.fragment_fromstring(_static("icons.svg"), create_parent="div")
    used = [node for node in sheet.iter("symbol") if f'href="#{node.get("id")}"' in document]
    return SafeString("".join(_source(node) for node in used))  # nosec B308 B703


def _style() -> str:
    return "\n".join(_static(f"css/{name}") for name in STYLE_SHEETS)


def _static(name: str) -> str:
    return (Path(settings.BASE_DIR) / "static" / name).read_text(encoding="utf-8")

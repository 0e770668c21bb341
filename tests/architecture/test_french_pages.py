"""Walks every page in French and looks for sentences of the catalogue that have stayed English.

What is marked as being in another language (`lang`) is left out: texts of procedures are in their own.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from roles.models import User
from tests.architecture.site import client_of
from tests.architecture.test_routes import addresses, firm, site  # noqa: F401

pytestmark = pytest.mark.django_db

CATALOGUE = Path(__file__).resolve().parents[2] / "locale" / "fr" / "LC_MESSAGES" / "django.po"
SHORTEST = 12
"""Characters of a sentence that is looked for: shorter ones are words that data may hold as well."""
DATA = {"Run the monthly payroll"}
"""An example in the catalogue that is also the title of the firm's procedures."""
SPOKEN = ("aria-label", "title", "alt", "placeholder", "data-label")
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "use", "wbr", "path"}


class FrenchText(HTMLParser):
    """What a page says outside of all that is marked as another language, spoken attributes included."""

    def __init__(self) -> None:
        super().__init__()
        self.languages = [("", "fr")]
        self.said: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        language = given.get("lang") or self.languages[-1][1]
        if language == "fr":
            self.said += [given[name] for name in SPOKEN if given.get(name)]
        if tag not in VOID:
            self.languages.append((tag, language))

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if any(open_tag == tag for open_tag, _language in self.languages):
            while self.languages.pop()[0] != tag:
                pass

    def handle_data(self, data):
        tag, language = self.languages[-1]
        if language == "fr" and tag not in ("script", "style"):
            self.said.append(data)


def english_sentences() -> list[str]:
    """Sentences of the source that read otherwise in French, without those that hold a value or markup."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    ids = [message.id for message in catalogue if isinstance(message.id, str) and message.id != message.string]
    return [text for text in ids if len(text) >= SHORTEST and " " in text and not re.search(r"[%{<\n]", text)]


def english_in(html: str) -> list[str]:
    text = FrenchText()
    text.feed(html)
    said = {" ".join(piece.split()) for piece in text.said}
    return sorted(said & SENTENCES)


SENTENCES = frozenset(english_sentences()) - DATA


def test_the_check_itself_finds_english():
    assert len(SENTENCES) > 1000
    assert english_in('<main><h2>Nothing opened yet</h2><p lang="en">Go to the library</p></main>') == [
        "Nothing opened yet"
    ]
    assert english_in('<nav aria-label="Skip to content"><br></nav>') == ["Skip to content"]


@pytest.mark.parametrize("who", ["administrator", "author", "staff"])
def test_no_page_has_stayed_english(firm, addresses, who):  # noqa: F811
    User.objects.update(language="fr")
    client = client_of(firm, who)
    found = {}
    for row, address in addresses.items():
        response = client.get(address)
        if response["Content-Type"].startswith("text/html"):
            english = english_in(response.content.decode())
            if english:
                found[row] = english
    assert found == {}

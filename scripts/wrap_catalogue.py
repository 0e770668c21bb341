"""Writes the French catalogue in one form, Babel's at 79 columns, so that only what was translated differs."""

from pathlib import Path

from babel.messages.pofile import read_po, write_po

CATALOGUE = Path(__file__).parent.parent / "locale/fr/LC_MESSAGES/django.po"


def main() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="fr")
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=79, include_lineno=False)


if __name__ == "__main__":
    main()

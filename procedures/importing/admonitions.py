"""Boxes such as "Note" and "Warning": the names of all dialects and the labels we print for them."""

import re

from procedures.importing.language import fold

WARNING_KINDS = frozenset({"warning", "caution", "important", "attention", "danger"})

# What the many dialects call a box → what we call it.
ADMONITIONS: dict[str, str] = {
    "note": "note",
    "notes": "note",
    "info": "note",
    "information": "note",
    "seealso": "note",
    "notice": "note",
    "remarque": "note",
    "nota": "note",
    "opmerking": "note",
    "abstract": "note",
    "summary": "note",
    "tip": "tip",
    "hint": "tip",
    "tips": "tip",
    "astuce": "tip",
    "conseil": "tip",
    "success": "tip",
    "dica": "tip",
    "example": "example",
    "exemple": "example",
    "important": "important",
    "belangrijk": "important",
    "importante": "important",
    "warning": "warning",
    "warn": "warning",
    "avertissement": "warning",
    "waarschuwing": "warning",
    "aviso": "warning",
    "caution": "caution",
    "prudence": "caution",
    "let op": "caution",
    "cuidado": "caution",
    "attention": "attention",
    "atencao": "attention",
    "danger": "danger",
    "error": "danger",
    "failure": "danger",
    "bug": "danger",
    "alert": "warning",
}

LABELS: dict[str, dict[str, str]] = {
    "en": {
        "note": "Note",
        "tip": "Tip",
        "example": "Example",
        "important": "Important",
        "warning": "Warning",
        "caution": "Caution",
        "attention": "Attention",
        "danger": "Danger",
    },
    "fr": {
        "note": "Remarque",
        "tip": "Conseil",
        "example": "Exemple",
        "important": "Important",
        "warning": "Avertissement",
        "caution": "Prudence",
        "attention": "Attention",
        "danger": "Danger",
    },
    "nl": {
        "note": "Opmerking",
        "tip": "Tip",
        "example": "Voorbeeld",
        "important": "Belangrijk",
        "warning": "Waarschuwing",
        "caution": "Let op",
        "attention": "Let op",
        "danger": "Gevaar",
    },
    "pt": {
        "note": "Nota",
        "tip": "Dica",
        "example": "Exemplo",
        "important": "Importante",
        "warning": "Aviso",
        "caution": "Cuidado",
        "attention": "Atenção",
        "danger": "Perigo",
    },
}


def admonition_kind(word: str) -> str:
    """The kind of box a dialect's word stands for, "" when it is no word for a box."""
    return ADMONITIONS.get(fold(word).strip(" :"), "")


def label(kind: str, language: str) -> str:
    """The word printed before the text of a box, in the language of the document."""
    return LABELS.get(language, LABELS["en"]).get(kind, kind.capitalize())


_LABEL_KINDS = {fold(text): kind for names in LABELS.values() for kind, text in names.items()} | {
    word: kind
    for word, kind in ADMONITIONS.items()
    if kind in WARNING_KINDS and word not in ("error", "failure", "bug")
}
_LABELLED = re.compile(
    r"^[^\w*_>|`#\[]{0,4}(?:(?P<mark>\*\*|__)\W{0,3})?(?P<word>[A-Za-zÀ-ÿ]+(?: op)?)\s*(?P<inner>[:!]?)"
    r"(?P<end>\*\*|__)?\s*(?P<outer>[:!]?)"
)


def labelled_kind(markdown: str) -> str:
    """The kind of box a paragraph announces by its first word: "**Warning:** …" or "Attention : …"; "" for none."""
    match = _LABELLED.match(markdown)
    if not match or not (match["inner"] or match["outer"] or (match["mark"] and match["end"])):
        return ""
    return _LABEL_KINDS.get(fold(match["word"]), "")

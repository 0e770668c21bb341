"""The words and signs of our own Markdown, which `markdown` writes and `procedures.importing.own` reads.

They are part of the file format and stay as they are: a change here would leave files behind that nobody can read.
That is why they do not come from the catalogue of translations. docs/decisions/0018 describes the format.
"""

import json
import re
import unicodedata

MARKER = "sopdesk"
VERSION = "2"
CHART_NAME = "sopdesk-flowchart"
"""What a flowchart is called inside our Word documents, which the import leaves out by this name."""

BLOCK = re.compile(r"<!-- sop:([a-z_]+)(?: ([^>]*?))? -->")
_LOOKS_LIKE_BLOCK = re.compile(r"\\*<!-- sop:")

TEXTS_BEFORE = ("purpose", "scope", "outcome", "prerequisites")
TEXTS_AFTER = ("background", "references", "change_summary")
STEP_TEXTS = ("warning", "body", "expected")
FACTS = ("trigger", "frequency", "contact", "review_interval_months", "significance")

EN = {
    "purpose": "Purpose",
    "scope": "Scope",
    "outcome": "Expected result",
    "prerequisites": "Before you start",
    "definitions": "Definitions",
    "background": "Background",
    "references": "References",
    "change_summary": "What changes and why",
    "steps": "Steps",
    "tools": "Tools and systems",
    "records": "Records",
    "benchmarks": "Benchmarks",
    "responsibilities": "Responsibilities",
    "control": "Approvals and revision history",
    "name": "Name",
    "note": "Note",
    "place": "Kept where",
    "kept": "Kept how long",
    "target": "Target",
    "unit": "Unit",
    "direction": "Direction",
    "role": "Role",
    "letter": "Letter",
    "expected": "You should see",
    "warning": "Warning",
    "minutes": "Minutes",
    "hold": "Hold point",
    "hold_words": "nobody goes on before this step is done",
    "due": "Done within",
    "subprocedure": "Carry out",
    "tool": "With",
    "record": "Record or form",
    "evidence": "Proof",
    "evidence_name": "Proof is named",
    "R": "Responsible",
    "A": "Accountable",
    "C": "Consulted",
    "I": "Informed",
    "note_proof": "a note",
    "number_proof": "a number",
    "file_proof": "a file",
    "photo_proof": "a photo",
    "hours": "hours",
    "days": "days",
    "working_days": "working days",
    "weeks": "weeks",
    "to_step": "step",
    "to_end": "end",
    "to_next": "next step",
    "at_most": "at most",
    "at_least": "at least",
    "colon": ":",
}
FR = {
    "purpose": "Objet",
    "scope": "Champ d’application",
    "outcome": "Résultat attendu",
    "prerequisites": "Avant de commencer",
    "definitions": "Définitions",
    "background": "Contexte",
    "references": "Références",
    "change_summary": "Ce qui change et pourquoi",
    "steps": "Étapes",
    "tools": "Outils et systèmes",
    "records": "Enregistrements",
    "benchmarks": "Indicateurs",
    "responsibilities": "Responsabilités",
    "control": "Approbations et historique des révisions",
    "name": "Nom",
    "note": "Remarque",
    "place": "Lieu de conservation",
    "kept": "Durée de conservation",
    "target": "Cible",
    "unit": "Unité",
    "direction": "Sens",
    "role": "Rôle",
    "letter": "Lettre",
    "expected": "Vous devez constater",
    "warning": "Attention",
    "minutes": "Minutes",
    "hold": "Point d’arrêt",
    "hold_words": "personne ne continue avant la fin de cette étape",
    "due": "À faire sous",
    "subprocedure": "À exécuter",
    "tool": "Avec",
    "record": "Enregistrement ou formulaire",
    "evidence": "Preuve",
    "evidence_name": "Nom de la preuve",
    "R": "Responsable",
    "A": "Garant",
    "C": "Consulté",
    "I": "Informé",
    "note_proof": "une note",
    "number_proof": "un nombre",
    "file_proof": "un fichier",
    "photo_proof": "une photo",
    "hours": "heures",
    "days": "jours",
    "working_days": "jours ouvrés",
    "weeks": "semaines",
    "to_step": "étape",
    "to_end": "fin",
    "to_next": "étape suivante",
    "at_most": "au plus",
    "at_least": "au moins",
    "colon": "\N{NO-BREAK SPACE}:",
}
LANGUAGES = {"en": EN, "fr": FR}

STEP_FACTS = ("role", "minutes", "hold", "due", "subprocedure", "tool", "record", "evidence", "evidence_name")
LETTERS = ("R", "A", "C", "I")
PROOFS = {"note": "note_proof", "number": "number_proof", "file": "file_proof", "photo": "photo_proof"}
UNITS = ("hours", "days", "working_days", "weeks")
DIRECTIONS = ("at_most", "at_least")


def words_for(language: str) -> dict[str, str]:
    """The words of a document in `language`; English where we have none."""
    return LANGUAGES.get(language, EN)


def keys_of(names: tuple[str, ...]) -> dict[str, str]:
    """Word in any language, in small letters → its key, for the keys `names`."""
    return {words[name].casefold(): name for words in LANGUAGES.values() for name in names}


# Text in blocks ----------------------------------------------------------------------------------------------


def guard(line: str) -> str:
    """A line of a text, so that it is never taken for the beginning of a block."""
    return f"\\{line}" if _LOOKS_LIKE_BLOCK.match(line) else line


def unguard(line: str) -> str:
    return line[1:] if line.startswith("\\") and _LOOKS_LIKE_BLOCK.match(line) else line


# Text within a line ------------------------------------------------------------------------------------------

_SPECIAL = re.compile(r"[\\*`\[\]<>|~#&]|(?<![^\W_])_|_(?![^\W_])")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
INVISIBLE = {"Cc", "Cs", "Zl", "Zp"}


def inline(text: str) -> str:
    """`text` for a heading, a list item or a cell: shown as it was typed. What no line can hold stands in quotes."""
    is_plain = text == text.strip() and not text.startswith('"')
    if is_plain and not any(unicodedata.category(sign) in INVISIBLE for sign in text):
        return _SPECIAL.sub(r"\\\g<0>", text)
    return json.dumps(text).replace("|", "\\u007c").replace("<", "\\u003c")


def plain(text: str) -> str:
    """What `inline` was given."""
    text = text.strip()
    if text.startswith('"') and text.endswith('"'):
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if isinstance(value, str):
            return value
    return _ESCAPED.sub(r"\1", text)

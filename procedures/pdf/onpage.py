"""The hash of the stored PDF on the reader page, by which somebody tells that a copy is the one that is stored here.

It comes as ties, in the statement that the page asks anyway, and so is part of its ETag.
"""

from procedures.models import Rendition, RenditionKind, StoredFile
from procedures.reading.extensions import Extension, Keys, Reading
from procedures.reading.parts import Contribution
from procedures.reading.sql import table_of

NAME = "pdf"


def ties(keys: Keys) -> str:
    """The PDFs that are stored of the revision: size, and kind and hash; three at most."""
    return f"""
        SELECT stored.size, rendition.kind || ' ' || stored.sha256 FROM {table_of(Rendition)} rendition
        JOIN {table_of(StoredFile)} stored ON stored.id = rendition.file_id
        WHERE rendition.revision_id = {keys.revision}
    """  # noqa: S608  names of tables are ours, values are parameters


def contribute(_reading: Reading) -> Contribution:
    """Nothing of its own: the menu of downloads asks for `pdf_hash`."""
    return Contribution()


def pdf_hash(reading: Reading, kind: RenditionKind) -> str:
    """The SHA-256 of the stored PDF of `kind`, out of the ties; empty while it is not made."""
    kinds = dict(words.split(" ", 1) for _size, words in reading.ties(NAME))
    return kinds.get(kind.value, "")


EXTENSION = Extension(NAME, contribute, ties=ties)

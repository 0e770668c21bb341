"""Short ways to write a document in a test."""

import io
import stat
import zipfile
from textwrap import dedent

from procedures.importing.document import ParsedProcedure
from procedures.importing.markdown import parse_markdown


def read(markdown: str, *, filename: str = "file.md") -> ParsedProcedure:
    return parse_markdown(dedent(markdown).lstrip("\n"), filename=filename)


def titles(procedure: ParsedProcedure) -> list[str]:
    return [step.title for step in procedure.steps]


def archive(members: dict[str, str | bytes], *, link: str = "") -> bytes:
    """A ZIP of these members; `link` is the one that is a symbolic link to what it holds."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if name == link:
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            file.writestr(info, content)
    return out.getvalue()

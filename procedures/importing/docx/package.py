"""Opening a DOCX: the parts of the package as XML trees, each within limits, without entities or network."""

import posixpath
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from django.utils.translation import gettext as _
from lxml.etree import LxmlError, XMLParser, fromstring
from lxml.etree import _Element as Element

from procedures.importing.archives import Archive
from procedures.importing.document import UnreadableDocument

MAX_PART = 40_000_000
MAX_PICTURE = 20_000_000

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_REL = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w{1,40})/")
OLE = b"\xd0\xcf\x11\xe0"


def old_word() -> str:
    """What is said of a file in the format that Word had before, in which it also puts files with a password."""
    return _("This is an old Word file (.doc) or one with a password. Save it as .docx without one.")


@dataclass(frozen=True, slots=True)
class Relation:
    """Where a relationship leads: the name of a part, or an address when `external`."""

    kind: str
    target: str
    external: bool


@dataclass(slots=True)
class Package:
    """A DOCX file with its main part found."""

    archive: Archive
    main: str
    _relations: dict[str, dict[str, Relation]] = field(default_factory=dict)

    @classmethod
    def open(cls, data: bytes) -> "Package":
        """Raises UnreadableDocument for what is no DOCX, with what can be done about it."""
        if data.startswith(OLE):
            raise UnreadableDocument(old_word())
        if data[:2] != b"PK":
            raise UnreadableDocument(_("This is not a Word document (.docx)."))
        package = cls(Archive(data), "")
        roots = package.relations("")
        mains = [found.target for found in roots.values() if found.kind == "officeDocument" and not found.external]
        if not mains or mains[0] not in package.archive:
            raise UnreadableDocument(_("This is not a Word document (.docx)."))
        package.main = mains[0]
        return package

    @property
    def has_macros(self) -> bool:
        return any(name.lower().endswith(("vbaproject.bin", "vbadata.xml")) for name in self.archive)

    def relations(self, part: str) -> dict[str, Relation]:
        """The relationships of a part by id; those of the package for ""."""
        if part not in self._relations:
            folder, name = posixpath.split(part)
            listing = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
            found = {}
            for row in listing.iter(f"{_REL}Relationship") if listing is not None else ():
                target, external = row.get("Target", ""), row.get("TargetMode") == "External"
                if not external:
                    target = posixpath.normpath(posixpath.join("/" + folder, unquote(target))).lstrip("/")
                found[row.get("Id", "")] = Relation(row.get("Type", "").rsplit("/", 1)[-1], target, external)
            self._relations[part] = found
        return self._relations[part]

    def related(self, kind: str) -> list[Element]:
        """The parts of one kind that belong to the main part: styles, numbering, headers …"""
        names = [found.target for found in self.relations(self.main).values() if found.kind == kind]
        trees = [self.xml(name) for name in dict.fromkeys(names)]
        return [tree for tree in trees if tree is not None]

    def xml(self, name: str) -> Element | None:
        """A part as a tree, None when the package has no such part."""
        if name not in self.archive:
            return None
        data = self.archive.read(name, limit=MAX_PART)
        parser = XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            # Word's "strict" files differ in the names of their namespaces only.
            root = fromstring(_STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", data), parser)
        except (LxmlError, ValueError) as error:
            message = _("The file is damaged: “%(name)s” in it cannot be read.")
            raise UnreadableDocument(message % {"name": name}) from error
        if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
            raise UnreadableDocument(_("The file declares entities, which no Word document does. It is not opened."))
        return root

"""Whether Word would open a file without offering to repair it, as far as that can be told without Word."""

import io
import posixpath
import re
import zipfile

from docx import Document
from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

# The order of children in the schema (ECMA-376 part 1, annex A); what is not named here must not be there.
ORDER = {
    "body": "p|tbl|sdt|bookmarkStart|bookmarkEnd sectPr",
    "p": "pPr r|hyperlink|fldSimple|bookmarkStart|bookmarkEnd",
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs "
    "suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd "
    "snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment "
    "textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange",
    "numPr": "ilvl numId",
    "r": "rPr t|br|tab|drawing|pict|noBreakHyphen|cr",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid "
    "vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em "
    "lang eastAsianLayout specVanish oMath",
    "tbl": "tblPr tblGrid tr",
    "tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing "
    "tblInd tblBorders shd tblLayout tblCellMar tblLook",
    "tr": "trPr tc",
    "trPr": "cnfStyle|divId|gridBefore|gridAfter|wBefore|wAfter|cantSplit|trHeight|tblHeader|tblCellSpacing|jc|hidden",
    "tc": "tcPr p|tbl",
    "tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
    "sectPr": "headerReference|footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType "
    "pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid",
    "numbering": "numPicBullet abstractNum num numIdMacAtCleanup",
    "abstractNum": "nsid multiLevelType tmpl name styleLink numStyleLink lvl",
    "lvl": "start numFmt lvlRestart pStyle isLgl suff lvlText lvlPicBulletId legacy lvlJc pPr rPr",
    "num": "abstractNumId lvlOverride",
    "styles": "docDefaults latentStyles style",
    "style": "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked "
    "personal personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr",
}


def assert_sound(data: bytes) -> None:
    """Every part well-formed, every type and relationship there, every element where the schema has it."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        files = {name: package.read(name) for name in package.namelist()}
        assert len(files) == len(package.namelist())
    trees = {name: etree.fromstring(part) for name, part in files.items() if name.endswith((".xml", ".rels", ".svg"))}
    _types(trees.pop("[Content_Types].xml"), set(files) - {"[Content_Types].xml"})
    for name, tree in trees.items():
        if name.endswith(".rels"):
            continue
        folder, base = posixpath.split(name)
        relations = _relations(trees.get(f"{folder}/_rels/{base}.rels"), folder, set(files))
        used = {value for node in tree.iter() for key, value in node.attrib.items() if key.startswith(R)}
        assert used <= set(relations), f"{name} refers to what is not there"
        _in_order(tree)
        _unique(name, tree)
    _styles_and_numbers(trees)
    Document(io.BytesIO(data))


def _types(types: etree._Element, names: set[str]) -> None:
    parts = {node.get("PartName") for node in types if node.get("PartName")}
    extensions = {node.get("Extension") for node in types if node.get("Extension")}
    assert parts <= {f"/{name}" for name in names}
    assert [name for name in names if f"/{name}" not in parts and name.rpartition(".")[2] not in extensions] == []


def _relations(tree: etree._Element | None, folder: str, names: set[str]) -> list[str]:
    if tree is None:
        return []
    for relation in tree:
        target = relation.get("Target", "")
        if relation.get("TargetMode") == "External":
            assert re.fullmatch(r"(https?://|mailto:)[!-~]+", target), target
        else:
            assert posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/") in names, target
    ids = [relation.get("Id", "") for relation in tree]
    assert len(ids) == len(set(ids))
    return ids


def _in_order(tree: etree._Element) -> None:
    for node in tree.iter(*(f"{W}{name}" for name in ORDER)):
        name = etree.QName(node).localname
        places = {child: at for at, group in enumerate(ORDER[name].split()) for child in group.split("|")}
        children = [etree.QName(child).localname for child in node]
        assert set(children) <= set(places), (name, children)
        assert [places[child] for child in children] == sorted(places[child] for child in children), (name, children)
        if name == "tc":
            assert children[-1] == "p", "a cell ends with a paragraph"


def _unique(name: str, tree: etree._Element) -> None:
    pictures = [node.get("id") for node in tree.iter() if str(node.tag).endswith("}docPr")]
    assert len(pictures) == len(set(pictures)), f"pictures of {name} share an id"
    if name.startswith("word/media/"):
        ids = [node.get("id") for node in tree.iter() if node.get("id")]
        assert len(ids) == len(set(ids))


def _styles_and_numbers(trees: dict[str, etree._Element]) -> None:
    document, styles, numbering = (trees[f"word/{name}.xml"] for name in ("document", "styles", "numbering"))
    known = {node.get(f"{W}styleId") for node in styles.iter(f"{W}style")}
    for name in ("pStyle", "rStyle", "tblStyle", "basedOn", "next", "link"):
        assert {node.get(f"{W}val") for tree in (document, styles) for node in tree.iter(f"{W}{name}")} <= known
    numbers = {node.get(f"{W}numId") for node in numbering.iter(f"{W}num")}
    assert {node.get(f"{W}val") for node in document.iter(f"{W}numId")} <= numbers
    lists = {node.get(f"{W}abstractNumId") for node in numbering.iter(f"{W}abstractNum")}
    assert {node.get(f"{W}val") for node in numbering.iter(f"{W}abstractNumId")} <= lists
    for table in document.iter(f"{W}tbl"):
        columns = len(table.findall(f"{W}tblGrid/{W}gridCol"))
        assert {len(row.findall(f"{W}tc")) for row in table.iter(f"{W}tr")} <= {columns}

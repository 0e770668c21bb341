"""A word across every page of a Word document, behind the text."""

from docx.oxml import parse_xml
from docx.section import _Header
from docx.shared import RGBColor
from lxml import etree

from procedures.exporting.wordparts import legal

AROUND_PT = 640.0  # width and height together of what fits diagonally between the margins
STEEPNESS = 3  # letters for one height of the shape

# Word and LibreOffice take a shape of this name for a watermark.
NAME = "PowerPlusWaterMarkObject1"
SHAPE = """<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"><w:rPr><w:noProof/></w:rPr>
<w:pict><v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800"
 path="m@7,l@8,m@5,21600l@6,21600e">
<v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>
<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/>
<v:f eqn="if @0 @4 21600"/><v:f eqn="mid @5 @6"/><v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/>
<v:f eqn="sum @6 0 @5"/></v:formulas>
<v:path textpathok="t" o:connecttype="custom" o:connectlocs="@9,0;@10,10800;@11,21600;@12,10800"
 o:connectangles="270,180,90,0"/><v:textpath on="t" fitshape="t"/></v:shapetype>
<v:shape id="" o:spid="_x0000_s2049" type="#_x0000_t136" alt="" style="" o:allowincell="f" fillcolor="" stroked="f">
<v:fill opacity=".5"/><v:textpath style="font-family:&quot;Calibri&quot;;font-size:1pt;font-weight:bold" string=""/>
</v:shape></w:pict></w:r>"""
_V = "{urn:schemas-microsoft-com:vml}"


def add_watermark(header: _Header, words: str, *, colour: RGBColor) -> None:
    """Put `words` across the pages that have `header`; it stands beside the header's own text, which is read out."""
    ratio = max(len(words), 1) / STEEPNESS
    width, height = AROUND_PT * ratio / (1 + ratio), AROUND_PT / (1 + ratio)
    run = parse_xml("".join(SHAPE.splitlines()))
    shape: etree._Element = next(run.iter(f"{_V}shape"))
    shape.set("id", NAME)
    shape.set("fillcolor", f"#{colour}")
    shape.set(
        "style",
        f"position:absolute;margin-left:0;margin-top:0;width:{width:.0f}pt;height:{height:.0f}pt;rotation:315;"
        "z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
        "mso-position-vertical:center;mso-position-vertical-relative:margin",
    )
    next(shape.iter(f"{_V}textpath")).set("string", legal(words))
    header.paragraphs[0]._p.append(run)

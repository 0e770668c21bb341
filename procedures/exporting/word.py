"""A revision as a Word document: the parts of the PDF, in paragraphs and tables that can be edited.

Every paragraph has a style and the numbers of the steps are Word's own, so that the file reads back as steps.
"""

import datetime
from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.text.paragraph import Paragraph

from procedures.exporting.frame import Frame, day
from procedures.exporting.ownformat import CHART_NAME, words_for
from procedures.exporting.watermark import add_watermark
from procedures.exporting.wordchart import chart_pieces
from procedures.exporting.worddrawings import add_drawing
from procedures.exporting.wordparts import (
    ACROSS_WIDTH,
    FAINT,
    FAINT_STOP,
    TEXT_WIDTH,
    add_field,
    legal,
    number,
    package_of,
    set_up,
    turn_page,
)
from procedures.exporting.wordtables import add_table, fill_row, new_table, share_width
from procedures.exporting.wordtext import WordText, media_address
from procedures.phrases import labels_language
from procedures.rendering import Document as Rendered
from procedures.rendering import Section, StepGroup, StepView, document_of

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
REGIONS = {"en": "en-GB", "fr": "fr-FR", "de": "de-DE", "es": "es-ES", "it": "it-IT", "nl": "nl-NL", "pt": "pt-PT"}
MOST_ROLES = 6  # in a table on an upright page
DAY_ZERO = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


def word_of(frame: Frame, *, pictures: Mapping[str, bytes], drawings: Mapping[str, str]) -> bytes:
    """The file. `pictures` are the attachments' bytes by key, `drawings` the SVG of diagrams by address; one that is
    missing leaves its words."""
    document = Document()
    set_up(document, language=REGIONS.get(frame.language, frame.language))
    with translation.override(labels_language(frame.content)):
        _Writer(document, frame, WordText(document, pictures, drawings)).write()
    return package_of(document)


class _Writer:
    """Writes one document, part after part. Call it inside the document's language."""

    def __init__(self, document: WordDocument, frame: Frame, text: WordText) -> None:
        self.document = document
        self.frame = frame
        self.text = text
        self.lies_across = False

    def write(self) -> None:
        rendered = document_of(self.frame.content, media=media_address)
        self._properties()
        self._every_page()
        self._title_block()
        self._approvals()
        self._changes()
        self._sections(rendered.before)
        self._tools()
        if rendered.definitions:
            self._heading(_("Definitions"))
            self.text.add(rendered.definitions)
        for part in rendered.parts:
            self.text.add(render_to_string("pdf/_standard_part.html", {"part": part}))
        for group in rendered.groups:
            self._steps(group)
        self._flowchart()
        self._tables(rendered)
        self._sections(rendered.after)

    def _label(self, words: str) -> str:
        """ "Role:" with the space that the language wants in front of the colon."""
        return f"{words}{words_for(self.frame.language)['colon']}"

    def _heading(self, words: str, level: int = 1, *, across: bool = False) -> Paragraph:
        """A heading; what stands below it needs a page that lies `across`, or an upright one."""
        if across != self.lies_across:
            turn_page(self.document, across=across)
            self.lies_across = across
        return self.document.add_paragraph(legal(words), style=f"Heading {level}")

    def _properties(self) -> None:
        """What the file says about itself in Word's "Properties"."""
        properties, frame = self.document.core_properties, self.frame
        properties.title = legal(f"{frame.code} {frame.title}")[:255]
        properties.author = properties.last_modified_by = legal(frame.department)[:255]
        properties.subject = legal(f"{frame.control_line} · {frame.state}")[:255]
        properties.comments = legal(frame.address)[:255]
        properties.language = frame.language
        properties.created = properties.modified = DAY_ZERO

    def _every_page(self) -> None:
        section, frame = self.document.sections[0], self.frame
        section.header.paragraphs[0].text = legal(frame.control_line)
        if frame.mark:
            mark = section.header.add_paragraph(style="SOP Stop")
            mark.add_run(legal(f"{frame.mark}. {frame.warning}")).bold = True
            add_watermark(section.header, frame.mark, colour=FAINT_STOP)
        else:
            add_watermark(section.header, _("Uncontrolled when printed").upper(), colour=FAINT)
        footer = section.footer.paragraphs[0]
        footer.text = legal(f"{_('Uncontrolled when printed.')} {_('Is this revision current?')} {frame.address}")
        pages = section.footer.add_paragraph(style="Footer")
        pages.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        before, between, after = _around_numbers(_("Page %(page)s of %(pages)s"))
        pages.add_run(before)
        add_field(pages, "PAGE")
        pages.add_run(between)
        add_field(pages, "NUMPAGES")
        pages.add_run(after)

    def _title_block(self) -> None:
        frame = self.frame
        self.text.plain(f"{frame.kind} · {frame.department}", style="SOP Facts")
        self.document.add_paragraph(legal(frame.title) or frame.code, style="Title")
        if frame.mark:
            self.text.plain(f"{frame.mark}. {frame.warning}", style="SOP Stop")
        table = new_table(self.document, 4)
        rows = [
            [_("Number"), frame.code, _("Revision"), str(frame.number)],
            [_("Kind"), frame.kind, _("State"), frame.state],
            [_("Department"), frame.department, _("Effective from"), day(frame.effective_on)],
            [_("Owner"), frame.owner, _("Next review"), day(frame.next_review_on)],
        ]
        for row in rows:
            fill_row(table, row, bold=(True, False, True, False))
        share_width(table, rows)

    def _approvals(self) -> None:
        self._heading(_("Approvals"))
        if not self.frame.approvals:
            self.text.plain(_("Nobody has approved this text."))
            return
        add_table(
            self.document,
            [_("Name"), _("As"), _("Meaning"), _("Date and time"), _("Seal")],
            [[row.name, row.capacity, row.meaning, row.signed_at, row.seal] for row in self.frame.approvals],
        )

    def _changes(self) -> None:
        self._heading(_("Revision history"))
        add_table(
            self.document,
            [_("Revision"), _("Effective from"), _("What changed and why")],
            [[str(row.number), day(row.date), row.summary or "–"] for row in self.frame.changes],
        )

    def _sections(self, sections: list[Section]) -> None:
        for section in sections:
            self._heading(section.title)
            self.text.add(section.body)

    def _tools(self) -> None:
        tools = self.frame.content["tools"]
        if tools:
            self._heading(_("Tools and systems"))
            rows = [[row["name"], row["note"]] for row in tools]
            add_table(self.document, [_("Tool or system"), _("Note")], rows)

    def _steps(self, group: StepGroup) -> None:
        self._heading(group.title)
        for step in group.steps:
            self._step(step)

    def _step(self, step: StepView) -> None:
        number(self._heading(step.title, 2), self.text.numbering.steps)
        facts = [f"{self._label(_('Role'))} {step.role['name']}"] if step.role else []
        if step.minutes is not None:
            facts.append(_("%(minutes)s min") % {"minutes": step.minutes})
        for fact in facts:
            self.text.plain(fact, style="SOP Facts").paragraph_format.keep_with_next = True
        if step.is_hold:
            self.text.plain(f"{_('Hold point.')} {_('Nobody goes on before this step is done.')}", style="SOP Stop")
        if step.warning:
            self.text.add(step.warning, style="SOP Note", label=self._label(_("Warning")))
        self.text.add(step.body)
        for item in step.items:
            self._bullet(f"☐ {item}")
        if step.subprocedure:
            self.text.plain(f"{_('Carry out this procedure, then go on here:')} {step.subprocedure}")
        for branch in step.branches:
            self._bullet(f"{self._label(branch.label)} {branch.words}" if branch.label else branch.words)
        if step.expected:
            self.text.add(step.expected, label=self._label(_("You should see")))
        if step.facts:
            self.text.plain(" · ".join(f"{self._label(name)} {value}" for name, value in step.facts), style="SOP Facts")

    def _bullet(self, words: str) -> None:
        number(self.document.add_paragraph(legal(words), style="List Bullet"), self.text.numbering.bullets)

    def _flowchart(self) -> None:
        pieces = list(chart_pieces(self.frame.content))
        for at, piece in enumerate(pieces, start=1):
            count = f" {at}/{len(pieces)}" if len(pieces) > 1 else ""
            self._heading(f"{_('Flowchart')}{count}", across=piece.is_wide)
            paragraph = self.document.add_paragraph()
            add_drawing(paragraph, piece.svg, room=piece.room, name=CHART_NAME, words=piece.words)

    def _tables(self, rendered: Rendered) -> None:
        content = self.frame.content
        if rendered.raci:
            raci = rendered.raci
            is_wide = len(raci.roles) > MOST_ROLES
            self._heading(_("Responsibilities"), across=is_wide)
            head = [_("Step"), *(role["name"] for role in raci.roles)]
            rows = [
                [
                    f"{row.number}. {row.title}" if row.number else row.title,
                    *(" ".join(letter.value for letter in cell) for cell in row.cells),
                ]
                for row in raci.rows
            ]
            add_table(self.document, head, rows, room=ACROSS_WIDTH if is_wide else TEXT_WIDTH)
            legend = _(
                "R is responsible and does the work, A is accountable for the result, C is consulted before, "
                "I is informed after."
            )
            self.text.plain(legend, style="SOP Facts")
        if content["records"]:
            self._heading(_("Records"))
            rows = [[row["name"], row["place"] or "–", row["kept"] or "–"] for row in content["records"]]
            add_table(self.document, [_("Record or form"), _("Kept where"), _("Kept how long")], rows)
        if rendered.benchmarks:
            self._heading(_("Benchmarks"))
            rows = [[row["name"], row["target"]] for row in rendered.benchmarks]
            add_table(self.document, [_("Benchmark"), _("Target")], rows)


def _around_numbers(words: str) -> tuple[str, str, str]:
    """ "Page %(page)s of %(pages)s" in three pieces, for two fields between them."""
    before, _page, rest = words.partition("%(page)s")
    between, _pages, after = rest.partition("%(pages)s")
    return before, between, after

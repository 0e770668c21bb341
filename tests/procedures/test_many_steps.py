"""Several steps in one act: copied, pasted as a list, taken back; moves that respect sections."""

import html
import re
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from procedures.actions import steps
from procedures.models import Revision, Step
from sopdesk.lib.errors import Refused
from tests.factories import first_step, make_draft

HTMX = {"HX-Request": "true"}
TITLES = ["Lock the time sheets", "Check the difference report", "Release the payment"]
LIST = "1. Open the ledger\n2. Post the entries\n3. Print the journal"
WORD = (
    "<html><head><style>p.MsoListParagraph {color: red}</style></head><body><!--StartFragment--><ol>"
    "<li>Open the <b>ledger</b></li><li>Post the entries</li></ol><!--EndFragment--></body></html>"
)


@pytest.fixture
def draft(firm) -> Revision:
    return make_draft(firm, code="FIN-014", step_titles=TITLES)


@pytest.fixture
def author(client, firm):
    client.force_login(firm.author)
    return client


def url(name: str, *args: object) -> str:
    return reverse(name, args=["FIN-014", *args])


def titles(draft: Revision) -> list[str]:
    rows = list(draft.steps.order_by("position").values_list("position", "title"))
    assert [position for position, _title in rows] == list(range(1, len(rows) + 1)), "no gaps, no doubles"
    return [title for _position, title in rows]


def undo(client, page: str):
    """Press the button that takes back what has just happened."""
    form = re.search(r'<form class="toast" method="post" action="([^"]+)">(.*?)</form>', page, re.DOTALL)
    data: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[2]):
        data.setdefault(name, []).append(html.unescape(value))
    return client.post(form[1], data, headers=HTMX)


def test_a_step_is_copied_with_its_letters_below_itself_and_taken_back(author, firm, draft):
    step = first_step(draft)
    fields = {"warning": "Not twice.", "kind": "checklist", "items": ["one"], "hold": True}
    steps.save_step(
        step, actor=firm.author, version=1, fields=fields, responsibilities=[(firm.clerk_role.pk, "C")]
    )  # fmt: skip
    page = author.post(url("step-duplicate", step.uid), headers=HTMX).content.decode()
    copy = draft.steps.get(position=2)
    assert titles(draft) == [TITLES[0], *TITLES]
    assert copy.uid != step.uid
    assert (copy.warning, copy.items, copy.hold, copy.role) == ("Not twice.", ["one"], True, firm.clerk_role)
    assert list(copy.responsibilities.values_list("letter", flat=True)) == ["C"]
    assert "Step 1 copied to 2." in page
    undo(author, page)
    assert titles(draft) == TITLES


def test_a_step_is_added_before_another(author, draft):
    author.post(url("step-add"), {"before": first_step(draft).uid})
    assert titles(draft) == ["", *TITLES]


def test_a_pasted_list_becomes_steps_below_the_open_one_and_is_taken_back_as_one(author, draft):
    after = draft.steps.get(position=1)
    page = author.post(url("steps-paste"), {"text": LIST, "after": after.uid}, headers=HTMX).content.decode()
    assert titles(draft) == [TITLES[0], "Open the ledger", "Post the entries", "Print the journal", *TITLES[1:]]
    assert "3 steps added." in page
    answer = undo(author, page).content.decode()
    assert titles(draft) == TITLES
    assert "3 steps removed." in answer


def test_html_is_read_as_what_it_is(author, draft):
    upload = SimpleUploadedFile("pasted.html", WORD.encode(), content_type="text/html")
    author.post(url("steps-paste"), {"html": upload, "text": "ignored\nlines"}, headers=HTMX)
    assert titles(draft)[-2:] == ["Open the ledger", "Post the entries"]


def test_a_blank_step_gives_way_and_comes_back(author, firm, draft):
    blank = steps.add_step(draft, actor=firm.author)
    page = author.post(url("steps-paste"), {"text": LIST, "after": blank.uid}, headers=HTMX).content.decode()
    assert titles(draft)[3:] == ["Open the ledger", "Post the entries", "Print the journal"]
    undo(author, page)
    assert titles(draft) == [*TITLES, ""]


def test_what_was_written_in_since_stays(author, firm, draft):
    page = author.post(url("steps-paste"), {"text": LIST}, headers=HTMX).content.decode()
    added = draft.steps.get(title="Post the entries")
    steps.save_step(added, actor=firm.author, version=1, fields={"body": "In the evening."})
    assert "What was written in since, stays." in undo(author, page).content.decode()
    assert titles(draft) == [*TITLES, "Post the entries"]


def test_a_list_works_as_a_plain_form_too(author, draft):
    page = author.post(url("steps-paste"), {"text": LIST}, follow=True).content.decode()
    assert titles(draft)[3:] == ["Open the ledger", "Post the entries", "Print the journal"]
    undo(author, page)
    assert titles(draft) == TITLES


@pytest.mark.parametrize("text", ["", "  \n \n"])
def test_nothing_pasted_is_said(author, draft, text):
    response = author.post(url("steps-paste"), {"text": text}, headers=HTMX)
    assert response.status_code == 400
    assert "There is no list" in response.content.decode()
    assert titles(draft) == TITLES


def test_more_steps_than_a_procedure_may_have_are_refused_together(author, firm, draft):
    with pytest.raises(Refused, match="500"):
        steps.add_steps(draft, actor=firm.author, rows=[{"title": "x"}] * 498)
    assert titles(draft) == TITLES
    response = author.post(
        url("steps-paste"), {"text": "\n".join(f"{n}. Step {n}" for n in range(1, 499))}, headers=HTMX
    )
    assert response.status_code == 400
    assert titles(draft) == TITLES


def test_one_row_that_does_not_fit_refuses_all(firm, draft):
    with pytest.raises(Refused):
        steps.add_steps(draft, actor=firm.author, rows=[{"title": "Fine"}, {"title": "x" * 201}])
    assert titles(draft) == TITLES


def test_five_megabytes_from_a_word_processor_are_answered_soon(author, draft):
    paragraph = '<p class=MsoNormal style="margin-left:36.0pt;text-indent:-18.0pt"><span lang=EN-GB>{}</span></p>'
    filler = "<!--[if gte mso 9]><xml>" + "<w:x>y</w:x>" * 350_000 + "</xml><![endif]-->"
    text = filler + "<ol>" + "".join(f"<li>{paragraph.format(f'Do thing {n}')}</li>" for n in range(1, 41)) + "</ol>"
    assert len(text) > 4_000_000
    upload = SimpleUploadedFile("pasted.html", text.encode(), content_type="text/html")
    started = time.process_time()
    response = author.post(url("steps-paste"), {"html": upload}, headers=HTMX)
    assert response.status_code == 200
    assert titles(draft)[3:] == [f"Do thing {n}" for n in range(1, 41)]
    assert time.process_time() - started < 20, "a hang, not a slow machine"


def test_too_much_is_said_in_words(author, draft):
    upload = SimpleUploadedFile("pasted.html", b"<p>x</p>" * 1_100_000, content_type="text/html")
    response = author.post(url("steps-paste"), {"html": upload}, headers=HTMX)
    assert response.status_code == 400
    assert "Import it as a file" in response.content.decode()
    assert titles(draft) == TITLES


# Moves -------------------------------------------------------------------------------------------------------


def test_a_move_is_taken_back(author, draft):
    page = author.post(url("step-move", first_step(draft).uid), {"position": 3}, headers=HTMX).content.decode()
    assert titles(draft) == [*TITLES[1:], TITLES[0]]
    answer = undo(author, page).content.decode()
    assert titles(draft) == TITLES
    assert "Step 3 moved to 1." in answer
    assert 'class="toast"' not in answer, "nothing to take back once more"


def sections(draft: Revision) -> list[str]:
    return list(draft.steps.order_by("position").values_list("section", flat=True))


def test_a_step_that_comes_into_the_midst_of_a_section_belongs_to_it(author, firm, draft):
    for position, section in enumerate(["Before", "Payment", "Payment"], start=1):
        Step.objects.filter(revision=draft, position=position).update(section=section)
    page = author.post(url("step-move", first_step(draft).uid), {"position": 2}, headers=HTMX).content.decode()
    assert titles(draft) == [TITLES[1], TITLES[0], TITLES[2]]
    assert sections(draft) == ["Payment"] * 3
    undo(author, page)
    assert (titles(draft), sections(draft)) == (TITLES, ["Before", "Payment", "Payment"])


def test_between_two_sections_a_step_keeps_its_own(author, draft):
    for position, section in enumerate(["A", "A", "B"], start=1):
        Step.objects.filter(revision=draft, position=position).update(section=section)
    author.post(url("step-move", draft.steps.get(position=3).uid), {"position": 1})
    assert sections(draft) == ["B", "A", "A"]

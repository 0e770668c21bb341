"""A manual from the question to the stored file: what stands on which page, who may read it, and what goes wrong."""

import datetime
import io
import re

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone
from pypdf import PdfReader

from audit import names
from audit.models import Entry
from notifications.models import Notification
from procedures.actions import manuals as actions
from procedures.invariants import files_are_whole, violations
from procedures.manuals import building
from procedures.manuals.permissions import can_read, get_manual_for, manuals_of
from procedures.manuals.selecting import MOST, Selection, codes_in, in_words, select
from procedures.models import Manual, ManualState, Procedure, Revision, StoredFile
from procedures.search import Facet
from procedures.states import State
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted, Refused
from sopdesk.lib.files import read_stored
from tests.factories import make_next, make_revision
from tests.procedures.pdf.structure import faults

pytestmark = pytest.mark.django_db

ALL = Selection("", {})


def ask(person, selection=ALL, title="The manual") -> Manual:
    return actions.request_manual(actor=person, title=title, selection=selection)


def made(person, selection=ALL) -> Manual:
    manual = ask(person, selection)
    building.build(manual.pk)
    return Manual.objects.get(pk=manual.pk)


def texts(manual: Manual) -> list[str]:
    data = read_stored(manual.file.name)
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages]


def page_with(pages: list[str], words: str, *, after: int = 0) -> int:
    return next(number for number, text in enumerate(pages, start=1) if number > after and words in text)


@pytest.fixture
def two(firm) -> list[Revision]:
    return [
        make_revision(firm, code="FIN-901", title="Settle the wages", purpose="See [[FIN-902]] and [[FIN-903]]."),
        make_revision(firm, code="FIN-902", title="Payer les factures", language="fr", background="Texte. " * 900),
    ]


class TestPages:
    def test_contents_and_index_name_the_pages_on_which_things_stand(self, firm, two):
        pages = texts(made(firm.staff))
        contents = pages[1]
        first, second = page_with(pages, "Procedure · Finance"), page_with(pages, "Payer les factures", after=2)
        assert re.search(rf"FIN-901 Settle the wages 1 {first}\b", contents)
        assert re.search(rf"FIN-902 Payer les factures 1 {second}\b", contents)
        at = page_with(pages, "Index by role", after=2)
        assert f"Index by role {at}" in contents
        step = page_with(pages, "How to: Release the payment.", after=second - 1)
        index = " ".join(pages[at - 1 :])
        assert "Payroll clerk" in index
        assert re.search(rf"FIN-902 Payer les factures {second} .*3\. Release the payment {step}\b", index)

    def test_page_numbers_go_on_from_first_to_last(self, firm, two):
        pages = texts(made(firm.staff))
        assert len(pages) > 6
        for number, text in enumerate(pages, start=1):
            assert re.search(rf"\d{{4}} · page {number}\b", text), text[:200]

    def test_the_cover_says_what_when_for_whom_and_how_much(self, firm, two):
        manual = made(firm.staff, Selection("", {Facet.DEPARTMENT: ("FIN",)}))
        cover = texts(manual)[0]
        for words in ("The manual", "Department: Finance", "As of", "Procedures 2", f"Pages {manual.pages}", "Staff"):
            assert words in cover

    def test_it_passes_the_checks_of_pdf_ua(self, firm, two):
        assert faults(read_stored(made(firm.staff).file.name), language="en") == []

    def test_a_chapter_in_another_language_says_so(self, firm, two):
        data = read_stored(made(firm.staff).file.name)
        from tests.procedures.pdf.structure import elements

        assert {element.get("/Lang") for element in elements(PdfReader(io.BytesIO(data)))} == {None, "en", "fr"}

    def test_references_stay_within_it_where_they_can(self, firm, two):
        make_revision(firm, code="FIN-903")
        manual = made(firm.staff, Selection("", {}, ("FIN-901", "FIN-902")))
        reader = PdfReader(io.BytesIO(read_stored(manual.file.name)))
        page = reader.pages[manual.items.first().page - 1]
        links = [annotation.get_object() for annotation in page["/Annots"]]
        outside = [str(link["/A"]["/URI"]) for link in links if "/A" in link and "/URI" in link["/A"]]
        assert [address for address in outside if address.endswith("/FIN-903/")]
        assert not [address for address in outside if address.endswith("/FIN-902/")]

    def test_every_procedure_has_its_code_and_its_bookmark(self, firm, two):
        reader = PdfReader(io.BytesIO(read_stored(made(firm.staff).file.name)))
        titles = [row.title for row in reader.outline if not isinstance(row, list)]
        assert titles == ["The manual", "Contents", "Settle the wages", "Payer les factures", "Index by role"]


class TestWhatIsInIt:
    def test_it_holds_what_the_person_may_read_when_it_is_made(self, firm, two):
        manual = ask(firm.outsider)
        procedure = Procedure.objects.get(code="FIN-901")
        procedure.audience = "departments"
        procedure.save(update_fields=["audience"])
        building.build(manual.pk)
        manual.refresh_from_db()
        assert [item.revision.procedure.code for item in manual.items.all()] == ["FIN-902"]
        assert "Settle the wages" not in " ".join(texts(manual))

    def test_neither_drafts_nor_what_has_ended_is_selected(self, firm, two):
        for state in (State.DRAFT, State.IN_REVIEW, State.APPROVED, State.WITHDRAWN):
            make_revision(firm, state=state)
        found = select(firm.auditor, ALL).values_list("procedure__code", flat=True)
        assert list(found) == ["FIN-901", "FIN-902"]

    def test_a_filter_that_names_nothing_keeps_its_value(self, firm):
        gone = Selection("", {Facet.DEPARTMENT: ("GONE",), Facet.ROLE: ("999",)})
        assert in_words(gone) == ["Department: GONE", "Role: 999"]

    def test_codes_words_and_filters_select(self, firm, two):
        def codes(selection):
            return [row.procedure.code for row in select(firm.staff, selection)]

        assert codes(Selection("", {}, codes_in("fin-902; FIN-901 and FIN-902"))) == ["FIN-901", "FIN-902"]
        assert codes(Selection("factures", {})) == ["FIN-902"]
        assert codes(Selection("", {Facet.LANGUAGE: ("fr",)})) == ["FIN-902"]
        assert codes(Selection("", {Facet.DEPARTMENT: ("OPS",)})) == []

    def test_a_selection_survives_being_stored(self):
        selection = Selection("pay", {Facet.KIND: ("policy",)}, ("FIN-901",))
        assert Selection.from_json(selection.as_json()) == selection

    def test_a_text_that_is_not_what_was_signed_is_not_printed(self, firm, two):
        manual = ask(firm.staff)
        Revision.objects.filter(pk=two[0].pk).update(content={**two[0].content, "title": "Pay nobody"})
        building.build(manual.pk)
        manual.refresh_from_db()
        assert (manual.state, manual.file) == (ManualState.FAILED, None)
        assert "not what was signed" in manual.failure


class TestAsking:
    def test_nothing_too_much_or_without_title_is_refused(self, firm, two, monkeypatch):
        with pytest.raises(Refused, match="title"):
            ask(firm.staff, title="  ")
        with pytest.raises(Refused, match="Nothing"):
            ask(firm.staff, Selection("", {}, ("FIN-999",)))
        monkeypatch.setattr(actions, "MOST", 1)
        with pytest.raises(Refused, match=f"{MOST} procedures"):
            ask(firm.staff)
        assert not Manual.objects.exists()

    def test_three_wait_at_most(self, firm, two):
        manuals = [ask(firm.staff) for _number in range(actions.MAX_WAITING)]
        with pytest.raises(Refused, match="cancel"):
            ask(firm.staff)
        actions.cancel_manual(manuals[0], actor=firm.staff)
        assert ask(firm.staff)

    def test_the_trail_says_what_was_asked_and_what_came_of_it(self, firm, two):
        manual = made(firm.staff)
        entries = Entry.objects.filter(subject_type="procedures.manual", subject_id=str(manual.pk)).order_by("seq")
        assert [entry.name for entry in entries] == [names.MANUAL_REQUEST, names.MANUAL_FINISH]
        assert entries[1].data == {"sha256": manual.file.sha256, "pages": manual.pages, "procedures": 2}
        assert list(violations()) == []

    def test_who_asked_is_told_with_the_way_to_it(self, firm, two):
        manual = made(firm.staff)
        notice = Notification.objects.get(kind="manual-ready")
        assert (notice.recipient, notice.url) == (firm.staff, manual.get_absolute_url())


class TestTheWorker:
    def test_progress_is_told_by_procedure(self, firm, two, monkeypatch):
        seen = []
        write = building._write
        monkeypatch.setattr(building, "_write", lambda manual, **row: (seen.append(row), write(manual, **row)))
        made(firm.staff)
        assert {"total": 2} in seen
        assert [row["done"] for row in seen if "done" in row] == [1, 2]

    def test_made_twice_it_is_stored_once_and_told_once(self, firm, two):
        manual = made(firm.staff)
        building.build(manual.pk)
        assert Notification.objects.filter(kind="manual-ready").count() == 1
        assert Manual.objects.get().attempt == 1

    def test_after_a_worker_died_the_next_begins_again(self, firm, two):
        manual = ask(firm.staff)
        building._begin(manual.pk)  # and then nothing: it was killed
        building.build(manual.pk)
        manual.refresh_from_db()
        assert (manual.state, manual.attempt) == (ManualState.READY, 2)

    def test_a_worker_that_wakes_up_late_writes_nothing(self, firm, two):
        manual = ask(firm.staff)
        sleeper = building._begin(manual.pk)
        building.build(manual.pk)
        with pytest.raises(building.Overtaken):
            building._write(sleeper, done=1)
        building._fail(sleeper, "too late")
        assert Manual.objects.get().state == ManualState.READY

    def test_cancelled_while_it_is_made_it_ends_and_keeps_nothing(self, firm, two, monkeypatch):
        manual = ask(firm.staff)
        write = building._write

        def cancel_first(row, **progress):
            if progress.get("done") == 1:
                actions.cancel_manual(manual, actor=firm.staff)
            write(row, **progress)

        monkeypatch.setattr(building, "_write", cancel_first)
        building.build(manual.pk)
        manual.refresh_from_db()
        assert (manual.state, manual.file, manual.items.count()) == (ManualState.CANCELLED, None, 0)
        assert not StoredFile.objects.filter(content_type="application/pdf").exists()

    @pytest.mark.parametrize("error", [building.RenderingFailed("it took longer"), RuntimeError("secret words")])
    def test_a_failure_says_why_and_can_be_tried_again(self, firm, two, monkeypatch, error):
        manual = ask(firm.staff)

        def fail(*args, **kwargs):
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(building, "render_manual", fail)
            building.build(manual.pk)
        manual.refresh_from_db()
        assert manual.state == ManualState.FAILED
        assert ("took longer" in manual.failure) == isinstance(error, building.RenderingFailed)
        assert "secret" not in manual.failure
        assert Notification.objects.get(kind="manual-failed").recipient == firm.staff
        actions.retry_manual(manual, actor=firm.staff)
        building.build(manual.pk)
        assert Manual.objects.get().state == ManualState.READY

    def test_what_moves_is_not_begun_again_and_what_stands_still_is(self, firm, two):
        manual = ask(firm.staff)
        with pytest.raises(InvalidTransition):
            actions.retry_manual(manual, actor=firm.staff)
        with time_machine.travel(timezone.now() + actions.STALLED_AFTER * 2):
            assert actions.retry_manual(manual, actor=firm.staff).state == ManualState.WAITING

    def test_nothing_is_made_for_somebody_who_has_left(self, firm, two):
        manual = ask(firm.staff)
        firm.staff.is_active = False
        firm.staff.save(update_fields=["is_active"])
        building.build(manual.pk)
        assert Manual.objects.get().file is None


class TestReading:
    @pytest.mark.parametrize("who", ["outsider", "author", "auditor", "administrator", "superuser"])
    def test_only_who_asked_sees_it(self, firm, two, who):
        manual = made(firm.staff)
        other = firm.people[who]
        assert not manuals_of(other).exists()
        with pytest.raises(Missing):
            get_manual_for(other, manual.pk)
        with pytest.raises(NotPermitted):
            actions.cancel_manual(manual, actor=other)
        with pytest.raises(NotPermitted):
            actions.retry_manual(manual, actor=other)

    def test_it_is_closed_when_one_of_its_texts_is(self, firm, two, client):
        manual = made(firm.outsider)
        client.force_login(firm.outsider)
        assert client.get(f"/manuals/{manual.pk}/pdf/").status_code == 200
        procedure = Procedure.objects.get(code="FIN-901")
        procedure.audience = "departments"
        procedure.save(update_fields=["audience"])
        assert not can_read(firm.outsider, manual)
        assert client.get(f"/manuals/{manual.pk}/pdf/").status_code == 404
        page = client.get(f"/manuals/{manual.pk}/").content.decode()
        assert "may no longer read" in page
        assert "Settle the wages" not in page


class TestItsEnd:
    def test_who_asked_for_it_deletes_it_with_its_file(self, firm, two, client):
        manual = made(firm.staff)
        name = manual.file.name
        client.force_login(firm.staff)
        assert "Delete the manual" in client.get(manual.get_absolute_url()).content.decode()
        client.post(f"{manual.get_absolute_url()}delete/")
        assert not Manual.objects.exists()
        assert not default_storage.exists(name)
        assert Entry.objects.get(name=names.MANUAL_DELETE).actor_id == firm.staff.pk
        assert client.get(manual.get_absolute_url()).status_code == 404

    def test_nobody_else_deletes_it_and_nobody_while_it_is_made(self, firm, two):
        manual = ask(firm.staff)
        with pytest.raises(InvalidTransition):
            actions.delete_manual(manual, actor=firm.staff)
        ready = made(firm.staff)
        with pytest.raises(NotPermitted):
            actions.delete_manual(ready, actor=firm.outsider)
        assert Manual.objects.count() == 2

    def test_a_page_from_before_it_was_begun_anew_deletes_nothing(self, firm, two):
        stale = actions.cancel_manual(ask(firm.staff), actor=firm.staff)
        actions.retry_manual(Manual.objects.get(pk=stale.pk), actor=firm.staff)
        with pytest.raises(InvalidTransition):
            actions.delete_manual(stale, actor=firm.staff)
        assert Manual.objects.filter(pk=stale.pk).exists()

    def test_after_its_days_row_and_file_go(self, firm, two, settings):
        manual = made(firm.staff)
        name, last = manual.file.name, manual.expires_on
        with time_machine.travel(datetime.datetime.combine(last, datetime.time(12), tzinfo=datetime.UTC)):
            assert actions.remove_old_manuals() == 0
        with time_machine.travel(
            datetime.datetime.combine(last, datetime.time(12), tzinfo=datetime.UTC) + datetime.timedelta(days=1)
        ):
            assert actions.remove_old_manuals() == 1
            assert actions.remove_old_manuals() == 0
        assert not Manual.objects.exists()
        assert not default_storage.exists(name)
        assert list(files_are_whole()) == []
        assert Entry.objects.filter(name=names.MANUAL_EXPIRE).count() == 1

    def test_a_file_that_something_else_needs_stays(self, firm, two):
        manual = made(firm.staff)
        other = ask(firm.staff)
        Manual.objects.filter(pk=other.pk).update(
            state=ManualState.READY, file=manual.file, expires_on=manual.expires_on + datetime.timedelta(days=9)
        )
        with time_machine.travel(timezone.now() + datetime.timedelta(days=16)):
            assert actions.remove_old_manuals() == 1
        assert default_storage.exists(manual.file.name)
        assert list(files_are_whole()) == []

    def test_a_removal_that_died_half_way_is_finished_by_the_next(self, firm, two):
        manual = made(firm.staff)
        default_storage.delete(manual.file.name)
        with time_machine.travel(timezone.now() + datetime.timedelta(days=16)):
            assert actions.remove_old_manuals() == 1
        assert list(files_are_whole()) == []

    def test_it_tells_which_of_its_texts_has_been_replaced_since(self, firm, two, client):
        manual = made(firm.staff)
        client.force_login(firm.staff)
        assert "no longer in force" not in client.get(f"/manuals/{manual.pk}/").content.decode()
        make_next(firm, two[0].procedure)
        page = client.get(f"/manuals/{manual.pk}/").content.decode()
        assert "1 text is no longer in force" in page
        assert "revision 1 is in the manual" in page

"""How the firm's documents look: who changes it, what is refused, and what the trail says."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from PIL import Image

from audit import names, trail
from audit.models import Entry
from roles.errors import NotValid
from roles.firm import MAX_LOGO_BYTES, change_firm, logo_url, the_firm
from roles.models import ACCENT, Firm
from sopdesk.lib.contrast import contrast_on_white
from sopdesk.lib.errors import NotPermitted
from sopdesk.lib.merging import BothChanged, base_of


def picture(colour: str = "red", size: tuple[int, int] = (60, 20)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def noise(side: int) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((side, side), 100).convert("RGB").save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(("colour", "ratio"), [("#ffffff", 1), ("#000000", 21), ("#777777", 4.48), (ACCENT, 7.6)])
def test_contrast_is_that_of_wcag(colour, ratio):
    assert contrast_on_white(colour) == pytest.approx(ratio, abs=0.1)


def test_a_firm_that_nobody_set_up_has_a_readable_colour_and_no_logo(db):
    assert (the_firm().accent, logo_url(the_firm()), str(the_firm())) == (ACCENT, "", "sopdesk")
    assert not Firm.objects.exists()


def test_a_change_is_on_the_trail_with_old_and_new_values(cast):
    firm = change_firm(actor=cast.administrator, fields={"name": " Acme  Ltd ", "accent": "#7A1F1F"}, logo=picture())
    entry = trail.entries_for(firm).get()
    assert entry.name == names.FIRM_CHANGE
    assert entry.data["name"] == {"old": "", "new": "Acme Ltd"}
    assert entry.data["accent"] == {"old": ACCENT, "new": "#7a1f1f"}
    assert entry.data["logo"] == {"old": "", "new": firm.logo_sha256}


def test_the_logo_is_encoded_anew_and_without_a_change_nothing_is_noted(cast):
    first = change_firm(actor=cast.administrator, fields={}, logo=picture())
    again = change_firm(actor=cast.administrator, fields={}, logo=picture())
    assert again.logo_sha256 == first.logo_sha256
    assert logo_url(again).startswith("data:image/png;base64,")
    assert Entry.objects.filter(name=names.FIRM_CHANGE).count() == 1
    assert not change_firm(actor=cast.administrator, fields={}, logo=b"").logo


@pytest.mark.parametrize("accent", ["#ffcc00", "#7f7f7f", "red", "", "#12345", "url(x)", "#0a5a75;}"])
def test_a_colour_that_is_none_or_too_light_is_refused(cast, accent):
    with pytest.raises(NotValid) as refused:
        change_firm(actor=cast.administrator, fields={"accent": accent})
    assert list(refused.value.errors) == ["accent"]
    assert not Firm.objects.exists()


@pytest.mark.parametrize("data", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\nbroken"])
def test_what_is_no_picture_is_refused(cast, data):
    with pytest.raises(NotValid) as refused:
        change_firm(actor=cast.administrator, fields={}, logo=data)
    assert list(refused.value.errors) == ["logo"]


def test_a_logo_that_would_swell_every_document_is_refused(cast):
    data = noise(900)
    assert len(data) > MAX_LOGO_BYTES
    with pytest.raises(NotValid, match="too large"):
        change_firm(actor=cast.administrator, fields={}, logo=data)


@pytest.mark.parametrize("who", ["auditor", "author", "reader"])
def test_only_administrators_change_it(cast, who):
    with pytest.raises(NotPermitted):
        change_firm(actor=getattr(cast, who), fields={"name": "Mine"})
    assert not Firm.objects.exists()


def test_there_is_one_firm(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        Firm.objects.create(pk=2)


def test_two_who_change_the_same_are_told(cast):
    base = base_of({"name": "", "accent": ACCENT, "logo": ""})
    change_firm(actor=cast.administrator, fields={"name": "Ours"}, logo=picture(), base=base)
    with pytest.raises(BothChanged) as conflict:
        change_firm(actor=cast.deputy, fields={"name": "Mine"}, logo=picture("blue"), base=base)
    assert set(conflict.value.clashes) == {"name", "logo"}


class TestPage:
    def test_an_administrator_saves_name_colour_and_logo(self, cast, as_person):
        client = as_person(cast.administrator)
        form = {"name": "Acme", "accent": "#7a1f1f", "logo": SimpleUploadedFile("l.png", picture(), "image/png")}
        assert client.post("/firm/", form).status_code == 302
        page = client.get("/firm/").content.decode()
        assert 'src="data:image/png;base64,' in page
        assert "from – to Acme" in page

    def test_a_light_colour_is_explained_beside_its_field(self, cast, as_person):
        response = as_person(cast.administrator).post("/firm/", {"name": "Acme", "accent": "#ffcc00"})
        assert response.status_code == 422
        assert "too light to be read on white" in response.content.decode()

    def test_the_logo_is_removed(self, cast, as_person):
        change_firm(actor=cast.administrator, fields={}, logo=picture())
        form = {"name": "", "accent": ACCENT, "without_logo": "on"}
        assert as_person(cast.administrator).post("/firm/", form).status_code == 302
        assert not the_firm().logo

    def test_a_page_that_is_out_of_date_gets_both(self, cast, as_person):
        client = as_person(cast.administrator)
        base = client.get("/firm/").context["form"]["base"].value()
        change_firm(actor=cast.deputy, fields={"name": "Theirs"}, logo=picture("blue"))
        form = {"name": "Mine", "accent": ACCENT, "base": base}
        form["logo"] = SimpleUploadedFile("l.png", picture(), "image/png")
        response = client.post("/firm/", form)
        assert response.status_code == 409
        assert "another logo" in response.content.decode()
        assert the_firm().name == "Theirs"

    def test_an_auditor_reads_it_and_readers_do_not_know_of_it(self, cast, as_person):
        page = as_person(cast.auditor).get("/firm/")
        assert page.status_code == 200
        assert as_person(cast.auditor).post("/firm/", {"accent": ACCENT}).status_code == 403
        assert as_person(cast.reader).get("/firm/").status_code == 404

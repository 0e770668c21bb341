"""What apps add to the reader page: a sample that uses every place, and what it must not cost or change."""

import pytest
from django.utils import translation

from procedures.models import Revision
from procedures.reading import extensions
from procedures.reading.extensions import Extension, Keys, register
from procedures.reading.parts import Act, Banner, Contribution, Part, Place, Rank
from procedures.reading.places import filled, marker, with_step_places
from procedures.states import State
from roles.models import User
from tests.factories import make_next, make_revision

pytestmark = pytest.mark.django_db

PART = "reading_sample.html"
QUERIES = 5


def ties(keys: Keys) -> str:
    """A tie to everybody: the revision's id, and the person's name."""
    people, revision = User._meta.db_table, Revision._meta.db_table
    return f"""SELECT shown.id, person.full_name FROM {people} person, {revision} shown
        WHERE person.id = {keys.user} AND shown.id = {keys.revision}"""


def contribute(reading) -> Contribution:
    ((revision, name),) = reading.ties("sample")
    uid = str(reading.revision.steps.order_by("position").first().uid)
    return Contribution(
        banners=(Banner("quiet", "info", "Sample banner.", rank=Rank.DUTY),),
        acts=(Act("Sample act", "eye", "/sample/", posts=True), Act("Sample link", "eye", "/sample-link/")),
        parts=(
            *(Part(place, PART, {"at": place, "name": name}) for place in Place if not place.startswith("step")),
            Part(Place.STEP, PART, {"at": "step", "name": name}, step=uid),
            Part(Place.STEP_TOOLS, PART, {"at": "step-tools", "name": name}, step=uid),
        ),
    )


@pytest.fixture(autouse=True)
def no_others(monkeypatch):
    monkeypatch.setattr(extensions, "_registered", {})


@pytest.fixture
def sample(settings, tmp_path):
    """An extension that uses every place, and its template."""
    tmp_path.joinpath(PART).write_text(
        '<p id="at-{{ part.at }}">{{ part.name }} {{ revision.number }}{% csrf_token %}</p>'
    )
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], tmp_path]}]
    register(Extension("sample", contribute, ties=ties))


@pytest.fixture
def read(client):
    def get(user, revision, **headers):
        client.force_login(user)
        return client.get(revision.procedure.get_absolute_url(), headers=headers)

    return get


def place_of(html: str, words: str) -> int:
    assert html.count(words) == 1, words
    return html.index(words)


def test_each_part_stands_in_its_place(firm, sample, read):
    html = read(firm.staff, make_revision(firm)).content.decode()
    order = (
        'id="at-head"', 'class="columns with-rail"', "<article", 'id="at-top"', 'id="step-1"', 'id="at-step"',
        '<div class="step-tools"><a href="#step-1">', 'id="at-step-tools"', 'id="step-2"', 'id="at-end"', "</article>",
        "<aside", 'id="at-rail"', "</aside>",
    )  # fmt: skip
    places = [place_of(html, words) for words in order]
    assert places == sorted(places)


def test_parts_see_the_page_and_the_person(firm, sample, read):
    firm.staff.full_name = "<script>alert(1)</script>"
    firm.staff.save(update_fields=["full_name"])
    html = read(firm.staff, make_revision(firm)).content.decode()
    assert '<p id="at-end">&lt;script&gt;alert(1)&lt;/script&gt; 1<input type="hidden" name="csrfmiddleware' in html
    assert "<script>alert" not in html


def test_the_kept_text_is_shared_and_holds_nothing_of_a_person(firm, sample, read):
    revision = make_revision(firm)
    assert f'id="at-step">{firm.staff.full_name} '.encode() in read(firm.staff, revision).content
    page = read(firm.owner, revision).content
    assert f'id="at-step">{firm.owner.full_name} '.encode() in page
    assert f'id="at-step">{firm.staff.full_name} '.encode() not in page


def test_acts_stand_in_the_menu(firm, sample, read):
    html = read(firm.staff, make_revision(firm)).content.decode()
    assert '<form method="post" action="/sample/">' in html
    assert '<a href="/sample-link/">' in html


def test_what_takes_the_text_away_stands_last_in_the_menu(firm, sample, read):
    html = read(firm.owner, make_revision(firm)).content.decode()
    menu = html[html.index("More actions") :]
    menu = menu[: menu.index("</details>")]
    assert "/withdraw/" in menu[menu.rindex("<li>") :]
    assert place_of(menu, "/sample-link/") < place_of(menu, "/withdraw/")


@pytest.mark.parametrize(("state", "shown"), [(None, "Sample banner."), (State.DRAFT, "Revision 2 is being written.")])
def test_only_the_banner_that_comes_first_is_shown(firm, sample, read, state, shown):
    revision = make_revision(firm)
    if state:
        make_next(firm, revision.procedure, state=state)
    html = read(firm.author, revision).content.decode()
    assert html.count('<section class="banner"') == 1
    assert f"<strong>{shown}</strong>" in html


def test_ties_cost_no_further_query(firm, client, django_assert_num_queries):
    address = make_revision(firm).procedure.get_absolute_url()
    register(
        Extension("sample", lambda reading: Contribution((Banner("", "info", reading.ties("sample")[0][1]),)), ties)
    )
    client.force_login(firm.staff)
    with django_assert_num_queries(QUERIES):
        client.get(address)


def test_ties_and_marks_change_the_tag(firm, read):
    revision, mark = make_revision(firm), ["one"]
    register(Extension("sample", lambda reading: Contribution(), ties=ties, marks=lambda reading: mark[0]))
    read(firm.staff, revision)
    tag = read(firm.staff, revision)["ETag"]
    assert read(firm.staff, revision, if_none_match=tag).status_code == 304
    mark[0] = "two"
    other = read(firm.staff, revision, if_none_match=tag)
    assert other.status_code == 200
    register(Extension("another", lambda reading: Contribution(), ties=ties))
    assert read(firm.staff, revision, if_none_match=other["ETag"]).status_code == 200


def test_an_extension_with_no_ties_for_this_person_is_asked_all_the_same(firm, read):
    asked = []

    def none(reading):
        asked.append(reading.ties("silent"))
        return Contribution()

    register(Extension("silent", none, ties=lambda keys: "SELECT 1, 'x' WHERE 1 = 0"))
    assert read(firm.staff, make_revision(firm)).status_code == 200
    assert asked == [[]]


def test_a_revision_of_its_own_address_has_the_same_ties(firm, sample, client):
    revision = make_revision(firm)
    client.force_login(firm.staff)
    html = client.get(revision.get_absolute_url()).content.decode()
    assert 'id="at-step-tools"' in html


def test_a_name_is_given_once(sample):
    with pytest.raises(ValueError, match="sample"):
        register(Extension("sample", contribute))


@pytest.mark.parametrize(("place", "step"), [(Place.STEP, ""), (Place.END, "uid")])
def test_a_part_of_a_step_names_the_step_and_no_other_does(place, step):
    with pytest.raises(ValueError, match="names the step"):
        Part(place, PART, step=step)


def test_a_part_of_a_step_that_is_gone_stands_on_top():
    html = f"{marker(Place.TOP)}text"
    assert filled(html, [(Place.STEP, "gone", "<p>Do this instead.</p>")]) == "<p>Do this instead.</p>text"


def test_parts_of_one_place_stand_in_the_order_of_their_extensions():
    html = f"text{marker(Place.END)}"
    assert filled(html, [(Place.END, "", "one "), (Place.END, "", "two")]) == "textone two"


def test_a_document_of_another_step_is_left_alone():
    html = '<div class="step-tools"><a href="#step-9">Link</a></div>'
    assert with_step_places(html, {"steps": [{"number": 1, "uid": "u"}], "language": "en"}) == html


def test_what_is_to_be_pressed_at_a_step_is_in_the_language_of_the_page():
    icon = '<svg class="icon"></svg>'
    html = f'<div class="step-tools"><a href="#step-1">{icon}Link<span> to step 1</span></a>10 min</div>'
    content = {"steps": [{"number": 1, "uid": "u"}], "language": "en"}
    assert '<a href="#step-1">' in with_step_places(html, content)
    with translation.override("fr"):
        shown = with_step_places(html, content)
    link = (
        '<a href="#step-1" lang="fr"><svg class="icon"></svg>Lien<span class="visually-hidden"> à l’étape 1</span></a>'
    )
    assert link in shown
    assert "10 min</div>" in shown

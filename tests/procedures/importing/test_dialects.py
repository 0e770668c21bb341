import pytest

from tests.procedures.importing.reading import read

BOXES = {
    "GitHub": "> [!{kind}]\n> The plate is hot.",
    "tight": ">[!{kind}]\n>The plate is hot.",
    "colons": "::: {kind}\nThe plate is hot.\n:::",
    "exclamation marks": "!!! {kind}\n    The plate is hot.",
    "question marks": "???+ {kind}\n    The plate is hot.",
    "MyST": "```{{{kind}}}\n:class: big\nThe plate is hot.\n```",
    "MyST colons": ":::{{{kind}}}\nThe plate is hot.\n:::",
    "Liquid": '{{% hint style="{kind}" %}}\nThe plate is hot.\n{{% endhint %}}',
    "bold": "**{kind}:** The plate is hot.",
}


@pytest.mark.parametrize("dialect", BOXES)
def test_warning_in_a_step_becomes_its_warning(dialect):
    box = BOXES[dialect].format(kind="warning").replace("\n", "\n   ")
    procedure = read(f"# Cook\n\n1. Light the stove.\n\n   {box}\n\n   Use a match.\n2. Wait.\n")
    assert procedure.steps[0].warning == "The plate is hot."
    assert procedure.steps[0].body == "Use a match."
    assert procedure.report.lossless


@pytest.mark.parametrize("dialect", [name for name in BOXES if name != "bold"])
def test_note_stays_where_it_is_as_a_quotation(dialect):
    box = BOXES[dialect].format(kind="note")
    procedure = read(f"# Cook\n\n## Step 1: Light the stove\n\n{box}\n\n## Step 2: Wait\n\nA while.\n")
    body = procedure.steps[0].body
    assert body.startswith("> **Note:**")
    assert "The plate is hot." in body
    assert procedure.steps[0].warning == ""
    assert procedure.report.lossless


@pytest.mark.parametrize("kind", ["WARNING", "Caution", "important", "attention", "danger"])
def test_kinds_that_warn(kind):
    procedure = read(f"# Cook\n\n1. Light the stove.\n\n> [!{kind}]\n> Hot.\n\n2. Wait.\n")
    assert procedure.steps[0].warning == "Hot."


def test_warning_outside_steps_stays_in_place_with_a_label():
    procedure = read(
        "# Cook\n\nCooking takes place in the small kitchen.\n\n::: warning Hot plates\nMind your hands.\n:::\n"
    )
    assert procedure.background == "> **Warning:** Hot plates\n> Mind your hands."


def test_warning_below_a_heading_inside_a_step_stays_under_it():
    procedure = read(
        "# Cook\n\n## Step 1: Light\n\nGo.\n\n### With gas\n\n> [!WARNING]\n> Smell first.\n\n## Step 2: Eat\n\nNow.\n"
    )
    assert procedure.steps[0].warning == ""
    assert procedure.steps[0].body.endswith("### With gas\n\n> **Warning:**\n> Smell first.")


def test_labels_are_in_the_language_of_the_document():
    procedure = read(
        "# Cuisiner\n\nPour cuisiner dans la cuisine il faut une clé.\n\n!!! note\n    La clé est sur la table.\n"
    )
    assert procedure.language == "fr"
    assert "> **Remarque:**\n> La clé est sur la table." in procedure.background


def test_box_of_a_sites_own_making_keeps_its_words():
    procedure = read("# Données\n\n::: lexique Jeu de données\nUn ensemble de lignes qui sont dans la base.\n:::\n")
    assert procedure.background.startswith("> **Lexique: Jeu de données:**")
    assert procedure.report.lossless


def test_boxes_in_boxes_and_code_in_boxes_survive():
    procedure = read("# A\n\n:::: note\nOuter.\n\n::: tip\n```\nx = 1\n```\n:::\n::::\n\nBehind the boxes.\n")
    assert procedure.report.lossless
    assert procedure.report.counts_out["code blocks"] == 1
    assert "Behind the boxes." in (procedure.background + procedure.summary).splitlines()


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('Read {% page "/leave/" %} first.', '`{% page "/leave/" %}`'),
        ("Mail {{ site.mail }} now.", "`{{ site.mail }}`"),
        ("Hello <%= user.name %>!", "`<%= user.name %>`"),
        ('See [the rules]({% page\n"/leave/" %}).', 'the rules (`{% page "/leave/" %}`)'),
        ("[!include [banner](../banner.md)]", "`[!include [banner](../banner.md)]`"),
        ("[!INCLUDE[footer](../footer.md)]", "`[!INCLUDE[footer](../footer.md)]`"),
        ('--8<-- "parts/head.md"', '`--8<-- "parts/head.md"`'),
    ],
)
def test_template_tags_and_includes_stay_visible_and_are_listed(source, shown):
    procedure = read(f"# A\n\nThe first paragraph says enough about it.\n\n{source}\n")
    assert shown in procedure.background
    assert [note.line for note in procedure.report.unresolved] == [5]
    assert procedure.report.lossless


def test_tags_inside_code_are_code():
    procedure = read("# A\n\nUse `{{ name }}` as it is.\n\n```\n{% if x %}\n<b>\n<!-- no comment -->\n```\n")
    assert procedure.report.unresolved == ()
    assert "{% if x %}\n<b>\n<!-- no comment -->" in procedure.background


def test_code_chunks_are_kept_and_never_run():
    procedure = read("# Meten\n\n1. Meet de diepte van het water.\n\n```{r}\nplot(x)\n```\n\n2. Noteer het.\n")
    assert procedure.steps[0].body == "```r\nplot(x)\n```"
    assert [note.what for note in procedure.report.unresolved] == ["{r} code chunk"]


def test_raw_html_chunk_with_a_comment_only_disappears_with_a_note():
    procedure = read("# A\n\n```{=html}\n<!--\nDescribe all steps.\n-->\n```\nThe text that people should see.\n")
    assert procedure.summary == "The text that people should see."
    assert [(note.what, note.loss) for note in procedure.report.dropped] == [("comment: Describe all steps.", False)]


def test_directives_for_pictures_includes_and_contents():
    procedure = read(
        "# A\n\n```{figure} a.png\n:alt: x\nThe lamp\n```\n\n```{include} b.md\n```\n\n```{toctree}\none\n```\n"
    )
    assert "![The lamp](a.png)" in procedure.background
    assert {note.what for note in procedure.report.unresolved} == {"a.png", "{include} b.md"}
    assert [note.what for note in procedure.report.dropped] == [":alt: x", "table of contents"]


def test_attribute_lists_do_not_show():
    procedure = read(
        "# A\n\n![Lamp](lamp.png){.wide width=300}\n\n[Form](f.html){target=_blank} for all who want one.\n"
    )
    assert "{" not in procedure.background + procedure.summary
    assert procedure.report.lossless


def test_mermaid_stays_code():
    diagram = "```mermaid\nflowchart TD\n    A[Start] --> B(End)\n```"
    assert read(f"# A\n\n{diagram}\n").background == diagram


def test_references_at_the_end_are_put_into_the_text():
    procedure = read(
        "# A\n\n1. Open the [board][b] or [b].\n2. See ![lamp][] too.\n\n[b]: https://example.com/b\n[lamp]: lamp.png\n"
    )
    assert procedure.steps[0].body == "[board](https://example.com/b) · [b](https://example.com/b)"
    assert procedure.steps[1].body == "![lamp](lamp.png)"
    assert procedure.report.lossless


def test_relative_links_and_foreign_pictures_are_listed():
    procedure = read(
        "# A\n\nSee [one](../one.md), [two](/two), [mail](mailto:a@b.c) and [web](https://x.y).\n\n![p](https://x.y/p.png)\n"
    )
    assert [(note.what, note.line) for note in procedure.report.unresolved] == [
        ("../one.md", 3),
        ("/two", 3),
        ("https://x.y/p.png", 5),
    ]

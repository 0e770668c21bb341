"""What authors write, and what readers see."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django import forms
from django.utils.safestring import SafeString

from sopdesk.lib.markup import (
    MAX_CHARACTERS,
    MarkupTooComplex,
    check_markup,
    render_markdown,
)
from tests.lib.words import html_to_text


def own_media(media_id: str) -> str:
    return {"7": "/media/7/", "odd": "/media/a?x=1&y=2", "bad": "javascript:alert(1)"}.get(media_id, "")


def test_result_is_safe_for_templates():
    assert isinstance(render_markdown("Hello"), SafeString)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lock **now**, *really*.", "<p>Lock <strong>now</strong>, <em>really</em>.</p>"),
        ("Press `F5`.", "<p>Press <code>F5</code>.</p>"),
        ("one  \ntwo", "<p>one<br>\ntwo</p>"),
        ("> quoted", "<blockquote>\n<p>quoted</p>\n</blockquote>"),
        ("5. five\n6. six", '<ol start="5">\n<li>five</li>\n<li>six</li>\n</ol>'),
        ("```sql\nSELECT <1>;\n```", '<pre><code class="language-sql">SELECT &lt;1&gt;;\n</code></pre>'),
        ("---", "<hr>"),
        ("", ""),
    ],
)
def test_common_markdown_is_rendered(text, expected):
    assert render_markdown(text) == expected


def test_lists_of_another_kind_do_not_merge():
    assert render_markdown("1. a\n\n- b") == "<ol>\n<li>a</li>\n</ol>\n<ul>\n<li>b</li>\n</ul>"


def test_table_columns_align_without_style_attributes():
    markup = render_markdown("| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 | 3 |")
    assert '<th align="left">a</th>\n<th align="center">b</th>\n<th align="right">c</th>' in markup
    assert "style" not in markup


def test_task_list_shows_boxes_with_words_for_screen_readers():
    markup = render_markdown("- [ ] count *all*\n- [x] sign")
    assert (
        '<li class="task"><span aria-label="to do" class="task-mark" role="img">☐</span> count <em>all</em></li>'
        in markup
    )
    assert (
        '<li class="task task-done"><span aria-label="done" class="task-mark" role="img">☑</span> sign</li>' in markup
    )


def test_task_list_with_blank_lines_shows_boxes():
    assert render_markdown("- [X] a\n\n- [ ] b").count("task-mark") == 2


def test_brackets_that_are_no_task_stay():
    assert "☐" not in render_markdown("See [ ] in the form.\n\n- [x](https://example.org) link")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# a\n## b\n### c\n#### d\n##### e", ["h4", "h5", "h6", "h6", "h6"]),
        ("## only\n## level", ["h4", "h4"]),
        ("# a\n#### b", ["h4", "h5"]),
    ],
)
def test_headings_continue_below_the_steps_title_without_gaps(text, expected):
    markup = render_markdown(text)
    assert [part[:2] for part in markup.split("<")[1:] if not part.startswith("/")] == expected


@pytest.mark.parametrize(
    "raw",
    ["<b>bold</b>", "<div>\n\nblock\n\n</div>", "<!-- note -->", "<script>alert(1)</script>", "<br/>", "<?php ?>"],
)
def test_raw_html_is_shown_as_text(raw):
    assert "".join(html_to_text(render_markdown(raw)).split()) == "".join(raw.split())
    assert raw not in render_markdown(raw)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a?b=1",
        "http://example.org",
        "mailto:a@example.org",
        "../FIN-003/",
        "/procedures/",
        "#step-2",
    ],
)
def test_safe_link_works_and_hides_the_referrer(address):
    assert render_markdown(f"[here]({address})") == f'<p><a href="{address}" rel="noopener noreferrer">here</a></p>'


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "javascript&colon;alert(1)",
        "&#x6A;avascript:alert(1)",
        "javascript:123",
        "vbscript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "java\u200bscript:alert(1)",
        "media:7",
        "",
    ],
)
def test_unsafe_link_stays_as_words(address):
    assert render_markdown(f"[here]({address})") == '<p><span class="blocked-link">here</span></p>'


def test_address_in_angle_brackets_becomes_a_link():
    assert 'href="https://example.org/"' in render_markdown("<https://example.org/>")
    assert 'href="mailto:me@example.org"' in render_markdown("<me@example.org>")


def test_bare_words_never_become_links():
    assert "<a" not in render_markdown("See SOP.md and example.org")


def test_own_picture_is_embedded():
    markup = render_markdown('![The *form*](media:7 "Form 12")', media=own_media)
    assert markup == '<p><img alt="The *form*" src="/media/7/" title="Form 12"></p>'


def test_address_of_a_picture_may_hold_a_query():
    assert 'src="/media/a?x=1&amp;y=2"' in render_markdown("![x](media:odd)", media=own_media)


def test_decorative_picture_keeps_its_empty_alternative_text():
    assert render_markdown("![](media:7)", media=own_media) == '<p><img alt="" src="/media/7/"></p>'


@pytest.mark.parametrize("source", ["media:8", "media:bad", "media:../7", "picture.png", "data:image/png;base64,xx"])
def test_picture_that_is_not_ours_shows_its_alternative_text(source):
    markup = render_markdown(f"![The form]({source})", media=own_media)
    assert markup == '<p><span class="missing-picture">Missing picture: The form</span></p>'


def test_picture_is_missing_where_no_media_is_given():
    assert "Missing picture: x" in render_markdown("![x](media:7)")
    assert ">Missing picture<" in render_markdown("![](media:7)")


def test_external_picture_becomes_a_link():
    markup = render_markdown("![plan](https://example.org/plan.png)", media=own_media)
    assert markup == (
        '<p><a class="external-picture" href="https://example.org/plan.png" rel="noopener noreferrer">plan</a></p>'
    )


def test_external_picture_within_a_link_makes_no_link_in_a_link():
    markup = render_markdown("[![plan](https://example.org/p.png)](https://example.org/)", media=own_media)
    assert markup.count("<a ") == 1
    assert "<img" not in markup


def test_error_of_the_media_lookup_reaches_the_caller():
    def broken(media_id: str) -> str:
        raise LookupError(media_id)

    with pytest.raises(LookupError):
        render_markdown("![x](media:7)", media=broken)
    assert render_markdown("next") == "<p>next</p>"


def test_footnotes_link_within_their_own_text():
    markup = render_markdown("Pay[^why] and pay[^why].\n\n[^why]: Because.", id_prefix="step-1")
    assert '<sup id="step-1-fnref-1"><a class="footnote-ref" href="#step-1-fn-1"' in markup
    assert '<li id="step-1-fn-1">' in markup
    assert 'href="#step-1-fnref-1"' in markup
    assert 'href="#step-1-fnref2-1"' in markup
    assert "why" not in markup


def test_footnotes_without_prefix_have_no_ids_and_no_links():
    markup = render_markdown("Pay[^1].\n\n[^1]: Because.")
    assert '<sup><span class="footnote-ref">1</span></sup>' in markup
    assert "Because." in markup
    assert "id=" not in markup
    assert "href" not in markup


def test_footnote_within_a_footnote_is_listed():
    markup = render_markdown("Pay[^1].\n\n[^1]: Because.\n\n    > [^2]: Really.", id_prefix="s")
    assert "Because." in markup
    assert "Really." in markup


def test_footnote_that_nothing_refers_to_is_shown_without_a_way_back():
    markup = render_markdown("Pay.\n\n[^1]: Because.", id_prefix="s")
    assert "Because." in markup
    assert "footnote-backref" not in markup


def test_words_that_mark_the_place_of_footnotes_elsewhere_are_kept():
    assert "///Footnotes Go Here///" in render_markdown("a[^1] ///Footnotes Go Here/// b\n\n[^1]: c")


@pytest.mark.parametrize("text", ["```{#cookie .btn}\nx\n```", "# Title {#cookie .btn}", '[x](#a){onclick="x"}'])
def test_author_sets_no_id_and_no_class(text):
    markup = render_markdown(text, id_prefix="s")
    assert "id=" not in markup
    assert 'class="btn"' not in markup


@pytest.mark.parametrize("prefix", ['s"x', "a b", "é", "x" * 65])
def test_prefix_that_cannot_stand_in_an_id_is_an_error(prefix):
    with pytest.raises(ValueError, match="not usable in an id"):
        render_markdown("x", id_prefix=prefix)


def test_one_text_leaves_nothing_behind_for_the_next():
    render_markdown("[^1]: note\n[ref]: https://example.org/\n\n![x](media:7)", media=own_media, id_prefix="a")
    markup = render_markdown("x[^1] [ref] ![x](media:7)")
    assert markup == '<p>x[^1] [ref] <span class="missing-picture">Missing picture: x</span></p>'


def test_texts_rendered_at_once_do_not_mix():
    together = threading.Barrier(4)

    def render(number: int) -> list[str]:
        together.wait()
        return [
            render_markdown(
                f"![x](media:{number}) a[^1]\n\n[^1]: b",
                media=lambda media_id: f"/m/{media_id}/",
                id_prefix=f"s{number}",
            )
            for _ in range(20)
        ]

    with ThreadPoolExecutor(4) as pool:
        for number, results in enumerate(pool.map(render, range(4))):
            assert len(set(results)) == 1
            assert f'src="/m/{number}/"' in results[0]
            assert f'id="s{number}-fn-1"' in results[0]


def test_windows_line_ends_and_control_characters_do_no_harm():
    assert render_markdown("a\r\nb\x00\x02\x1b\r\n\r\nc\ud800") == "<p>a\nb</p>\n<p>c?</p>"


TOO_COMPLEX = [
    ("a" * 20_001, "20001 characters"),
    ("a\n" * 2_000, "2001 lines"),
    ("[a] " * 501, "501 “[”"),
    ("`" * 1_001, "1001 “`”"),
    ("\n".join(["a|" * 60, "-|" * 60, *["a|" * 60] * 60]), "cells"),
    ("> " * 21 + "deep", "21 levels"),
    (">" * 21 + "deep", "21 levels"),
    ("- + " * 11 + "deep", "levels"),
    ("\n".join("    " * level + "- a" for level in range(21)), "21 levels"),
    ("\n".join("\t" * level + "1. a" for level in range(21)), "21 levels"),
    ("[" * 21, "21 open brackets"),
    ("[a](" * 21, "21 open brackets"),
]


@pytest.mark.parametrize(("text", "found"), TOO_COMPLEX)
def test_too_complex_text_is_refused_with_the_reason(text, found):
    with pytest.raises(MarkupTooComplex, match=re.escape(found)):
        check_markup(text)


@pytest.mark.parametrize(("text", "found"), TOO_COMPLEX)
def test_too_complex_text_is_shown_as_typed(text, found):
    markup = render_markdown(f"<b>\n{text}")
    assert markup.startswith('<pre class="markup-plain">&lt;b&gt;\n')
    assert html_to_text(markup).split() == f"<b>\n{text}".split()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a" * 20_000,
        "\n".join("    " * level + "- a" for level in range(20)),
        "> " * 20 + "deep",
        "- " * 40,
        "* * * * * * * * * * * * * * * * * * * * * * * *",
        "x[1] y[2] (z) " * 240,
        "- [ ] done\n" * 400,
        "[\n\n" * 100,
        "a" * 10_000 + "\r\n" * 1_000 + "b" * 9_000,
    ],
)
def test_ordinary_long_text_is_accepted(text):
    check_markup(text)
    assert not render_markdown(text).startswith("<pre")


def test_no_picture_is_looked_up_for_too_complex_text():
    asked = []
    render_markdown("![x](media:7) " * 501, media=lambda media_id: asked.append(media_id) or "")
    assert asked == []


def test_picture_used_twice_is_looked_up_once():
    asked = []
    render_markdown("![x](media:7) ![y](media:7)", media=lambda media_id: asked.append(media_id) or "")
    assert asked == ["7"]


def test_check_serves_as_a_form_validator():
    class StepForm(forms.Form):
        body = forms.CharField(validators=[check_markup])

    assert StepForm({"body": "fine"}).is_valid()
    form = StepForm({"body": "[a] " * 501})
    assert form.errors == {"body": ["This text has 501 “[” characters; 500 are possible."]}


def test_text_that_breaks_the_converter_is_shown_as_typed_and_reported(monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise RecursionError

    monkeypatch.setattr("markdown.Markdown.convert", broken)
    assert render_markdown("a <b>") == '<pre class="markup-plain">a &lt;b&gt;</pre>'
    assert "could not be converted" in caplog.text


class TestLongTexts:
    def test_headings_divide_a_long_text_into_chapters(self):
        text = "\n\n".join(f"## Part {number}\n\n" + "Check the list. " * 600 for number in range(1, 6))
        assert len(text) > MAX_CHARACTERS
        check_markup(text)
        html = render_markdown(text)
        assert all(f">Part {number}</h4>" in html for number in range(1, 6))

    def test_a_long_text_without_headings_is_refused(self):
        with pytest.raises(MarkupTooComplex):
            check_markup("Check the list. " * 2000)

    def test_a_heading_in_a_code_block_divides_nothing(self):
        text = "```\n" + "# not a heading\n" * 2000 + "```\n"
        with pytest.raises(MarkupTooComplex):
            check_markup(text)

    def test_too_many_chapters_are_refused(self):
        text = "\n\n".join(f"## Part {number}\n\n" + "Check the list. " * 1200 for number in range(1, 8))
        with pytest.raises(MarkupTooComplex):
            check_markup(text)


# References by code ------------------------------------------------------------------------------------------


def referenced(text: str) -> str:
    def address(code: str, part: str) -> str:
        return "" if code == "GONE-1" else f"/procedures/{code}/" + (f"#part-{part}" if part else "")

    return render_markdown(text, references=address)


def test_a_code_in_double_brackets_becomes_a_plain_link():
    html = referenced("See [[FIN-S01]].")
    assert '<a class="code-link" href="/procedures/FIN-S01/" rel="noopener noreferrer">FIN-S01</a>.' in html


def test_a_reference_names_a_part_and_words_of_its_own():
    html = referenced("- [[FIN-S01#names|the *rule*]]")
    assert 'href="/procedures/FIN-S01/#part-names"' in html
    assert ">the *rule*</a>" in html


@pytest.mark.parametrize(
    "text",
    [
        "`[[FIN-S01]]`",
        "```\n[[FIN-S01]]\n```",
        "[[fin-s01]]",
        "[[FIN]]",
        "[[FIN-S01|a\nb]]",
        "\\[[FIN-S01]]",
        "[[GONE-1]]",
        "[[FIN-S01#Part One]]",
    ],
)
def test_what_is_no_reference_stays_text(text):
    assert "<a" not in referenced(text)


def test_without_the_hook_nothing_becomes_a_link():
    assert render_markdown("[[FIN-S01]]") == "<p>[[FIN-S01]]</p>"


def test_the_words_of_a_reference_are_text():
    html = referenced("[[FIN-S01|<img src=x onerror=alert(1)>]]")
    assert "<img" not in html
    assert "&lt;img" in html


def test_the_address_of_a_reference_is_checked_like_any_other():
    assert "<a" not in render_markdown("[[FIN-S01]]", references=lambda code, part: "javascript:alert(1)")

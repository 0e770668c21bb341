"""Other addresses behind the links and pictures of safe HTML: nothing else changes, and nothing unsafe comes in."""

import pytest

from sopdesk.lib.markup import render_markdown, with_addresses


def moved(text: str, to: str = "/moved/") -> str:
    return with_addresses(render_markdown(text), lambda address: to)


def test_the_address_is_given_with_its_entities_resolved_and_written_with_them():
    asked: list[str] = []

    def address_of(address: str) -> str:
        asked.append(address)
        return "/x?a=1&b=2"

    html = with_addresses(render_markdown("[a](https://example.org/?a=1&b=2)"), address_of)
    assert asked == ["https://example.org/?a=1&b=2"]
    assert 'href="/x?a=1&amp;b=2"' in html


@pytest.mark.parametrize("to", ["", "javascript:alert(1)", "//evil.test/", "data:text/html,x", '/x\n"onclick="y'])
def test_what_is_empty_or_unsafe_takes_the_address_away_and_leaves_the_words(to):
    html = moved("[the words](https://example.org/)", to)
    assert "href" not in html
    assert "onclick" not in html
    assert "the words" in html


def test_words_that_look_like_an_address_stay_as_they_are():
    text = 'Write href="/a/" and <a href="/b/"> here.'
    assert moved(text) == render_markdown(text)


def test_a_title_with_brackets_hides_no_address():
    html = with_addresses(render_markdown('[a](/procedures/FIN-001/ "1 > 0 < 2")'), lambda address: "")
    assert "/procedures/" not in html

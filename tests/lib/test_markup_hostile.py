"""Nothing that anybody types may become script, reach another site by itself, or stop the server."""

import json
import os
import random
import re
import time
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
import tinyhtml5

from sopdesk.lib import markup
from sopdesk.lib.markup import MAX_CHARACTERS, check_markup, render_markdown
from tests.lib.words import html_to_text

CORPUS = Path(os.environ.get("SOPDESK_CORPUS", Path(__file__).resolve().parents[3] / "shared" / "corpus"))
PAYLOADS = CORPUS / "xss" / "payloads.json"

# Written out here, so that a wider allow-list fails until somebody has thought about it.
HARMLESS = {
    "a": {"href", "title", "class", "aria-label", "rel"},
    "img": {"src", "alt", "title"},
    "code": {"class"},
    "div": {"class"},
    "li": {"class", "id"},
    "ol": {"start"},
    "pre": {"class"},
    "span": {"class", "role", "aria-label"},
    "sup": {"id"},
    "td": {"align"},
    "th": {"align"},
} | dict.fromkeys("blockquote br details em h4 h5 h6 hr p strong summary table tbody thead tr ul".split(), frozenset())

OWN = [
    "[x](javascript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "<javascript://x%0aalert(1)>",
    '![a"onerror="alert(1)](x)',
    '![a"onerror="alert(1)](media:1)',
    '[a](x "title\\" onmouseover=\\"alert(1)")',
    '[a](x "t" onmouseover=alert(1))',
    "![x](javascript:alert(1))",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '```{.x onclick="alert(1)" #cookie}\nx\n```',
    '```x"onmouseover=alert(1)\nx\n```',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "[^<script>]\n\n[^<script>]: <img src=x onerror=alert(1)>",
    '[^" onclick="x]\n\n[^" onclick="x]: y',
    "| <script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "\x02wzxhzdk:0\x03<script>alert(1)</script>",
    "\x02amp\x03#106;avascript:alert(1)",
    "[x](\x02amp\x03#106;avascript:alert(1))",
    "wzxhzdk:0 klzzwxh:0000",
]


def own_media(media_id: str) -> str:
    return f"/media/{media_id}/"


def as_a_browser_reads(address: str) -> str:
    return re.sub(r"[\t\r\n]", "", address.strip("".join(map(chr, range(0x21))))).replace("\\", "/").lower()


def faults(html: str) -> list[str]:
    """What in `html`, parsed as a browser parses it, must not be there."""
    body = tinyhtml5.parse(f"<!doctype html><body>{html}", namespace_html_elements=False).find("body")
    return [fault for element in body.iter() if element is not body for fault in _faults_of(element)]


def _faults_of(element: Element) -> list[str]:
    if element.tag not in HARMLESS:
        return [f"element {element.tag}"]
    found = [f"{element.tag} {name}" for name in element.attrib if name not in HARMLESS[element.tag]]
    address = as_a_browser_reads(element.get("href", ""))
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", address)
    if address.startswith("//") or (scheme and scheme[1] not in ("http", "https", "mailto")):
        found.append(f"link to {address}")
    if not element.get("src", "/media/").startswith("/media/"):
        found.append(f"picture from {element.get('src')}")
    if not element.get("id", "own-fn").startswith("own-fn"):
        found.append(f"id {element.get('id')}")
    return found


def variants(payload: str) -> list[str]:
    """Markdown that brings `payload` to every place where text or an attribute comes out."""
    line = " ".join(payload.split())
    return [
        payload,
        f"[x]({line}) ![{line}]({line}) ![{line}](media:1 '{line}') [{line}](/a \"{line}\")\n\n"
        f"> {line}\n\n- [ ] {line}\n\n| {line} |\n|---|\n| {line} |\n\n"
        f"x[^{line}]\n\n[^{line}]: {line}\n\n[ref]: {line} '{line}'\n\n[ref] <{line}> `{line}`",
        f"```{line}\n{payload}\n```\n\n~~~{{{line}}}\n{payload}\n~~~\n\n    {payload}\n\n# {line}",
    ]


@pytest.fixture(scope="module")
def payloads() -> list[str]:
    if not PAYLOADS.exists():
        pytest.skip(f"{PAYLOADS} is not there; set SOPDESK_CORPUS to run the corpus of hostile strings")
    return [entry["payload"] for entry in json.loads(PAYLOADS.read_text())]


def test_the_check_itself_finds_faults():
    assert faults("<script>x</script>") == ["element script"]
    assert faults('<p onclick="x">') == ["p onclick"]
    assert faults('<a href="java\tscript:x">') == ["link to javascript:x"]
    assert faults('<img src="https://evil.example/">') == ["picture from https://evil.example/"]
    assert faults('<li id="cookie">') == ["id cookie"]


@pytest.mark.parametrize("text", OWN)
def test_hostile_markdown_becomes_harmless_html(text):
    for variant in variants(text):
        assert faults(render_markdown(variant, media=own_media, id_prefix="own")) == []


@pytest.mark.parametrize("place", [0, 1, 2], ids=["as it is", "in lines", "in code"])
def test_corpus_of_hostile_strings_becomes_harmless_html(payloads, place):
    assert len(payloads) > 1_000
    texts = [variants(payload)[place] for payload in payloads]
    found = {text: faults(render_markdown(text, media=own_media, id_prefix="own")) for text in texts}
    assert {text: fault for text, fault in found.items() if fault} == {}


def test_each_sanitiser_alone_holds_against_the_corpus(payloads):
    renderer = markup._Renderer()
    found = {}
    for payload in [*payloads, *OWN]:
        found[payload] = faults(renderer._bleach.clean(payload)) + faults(renderer._nh3.clean(payload))
    assert {payload: fault for payload, fault in found.items() if fault} == {}


def test_nothing_typed_is_lost_when_it_looks_like_html(payloads):
    for payload in payloads:
        if re.fullmatch(r"<[a-z][^\[\]`*_&\\]*>", payload) and payload.isprintable():
            assert html_to_text(render_markdown(payload)).split() == payload.split()


# A text whose cost grows with its square takes minutes here. The worst of these takes 0.6 s on a quiet machine;
# the rest is room for slow and busy ones, since a limit that only fast machines keep tells nothing about the text.
BOMB_SECONDS = 10
CHECK_SECONDS = 3

BOMBS = {
    piece: (piece * MAX_CHARACTERS)[:MAX_CHARACTERS]
    for piece in (
        "[",
        "![",
        "[[",
        "[]",
        "[](",
        "](",
        "*",
        "_*",
        "***a",
        "`",
        "``a`",
        "<",
        "&",
        "<![CDATA[",
        ">",
        "- * ",
    )
    + ("a\n=\n", "# a\n", "---\n", "a|b\n-|-\n", "```\n", "<a@b>", "\\", "[^1]: ", "[^1]", "<!--", "|", "1. a\n\n")
} | {
    "brackets before long text": ("[" * 500).ljust(MAX_CHARACTERS, "x"),
    "links before long text": ("[a](" * 400).ljust(MAX_CHARACTERS, "x"),
    "wide table, short rows": "\n".join(["|".join("a" * 300), "|".join("-" * 300), *["|"] * 1_900]),
    "many notes": "\n".join(f"[^{number}]: a" for number in range(240)) + "\n\n" + "[^1] " * 240,
    "deep list": "\n".join("    " * level + "- a" for level in range(60)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_time_bomb_goes_off_harmlessly(name):
    start = time.thread_time()
    assert render_markdown(BOMBS[name], id_prefix="own")
    assert time.thread_time() - start < BOMB_SECONDS


@pytest.mark.parametrize("name", BOMBS)
def test_check_of_a_time_bomb_is_quick(name):
    start = time.thread_time()
    try:
        check_markup(BOMBS[name])
    except markup.MarkupTooComplex as error:
        assert error.code == "too_complex"
    assert time.thread_time() - start < CHECK_SECONDS


def test_random_markup_always_gives_harmless_html(caplog):
    pieces = [
        "[",
        "]",
        "(",
        ")",
        "![",
        "[^1]",
        "[^1]: ",
        "[^a]: ",
        "\n",
        "\n\n",
        "    ",
        "> ",
        "- ",
        "1. ",
        "*",
        "_",
        "`",
    ]
    pieces += [
        "```\n",
        "|",
        "-|-",
        "# ",
        "a",
        "<b onclick=x>",
        "<",
        ">",
        "&amp;",
        '"',
        "'",
        "\\",
        "javascript:x",
        "media:1",
    ]
    pieces += ["- [ ] ", "{#x}", "\x02", "\x03", "é", "\ud800", "<http://x>"]
    dice = random.Random(20261122)
    for _ in range(300):
        text = "".join(dice.choices(pieces, k=dice.choice([5, 30, 120])))
        assert faults(render_markdown(text, media=own_media, id_prefix="own")) == [], text
    assert caplog.text == ""

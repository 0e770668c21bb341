import pytest

from procedures.importing.document import UnreadableDocument
from procedures.importing.markdown import decode, parse_markdown


def test_byte_order_mark_and_windows_line_ends_are_accepted():
    text = decode(b"\xef\xbb\xbf# Lock up\r\n\r\n1. Close the door.\r\n2. Turn the key.\r\n")
    procedure = parse_markdown(text, filename="lock.md")
    assert procedure.title == "Lock up"
    assert [step.title for step in procedure.steps] == ["Close the door.", "Turn the key."]
    assert procedure.report.lossless


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        ("Vérifier".encode("latin-1"), "not UTF-8"),
        (b"# Title\n\x00\x01", "not text"),
        (b"a" * 2_000_001, "larger than 2 MB"),
    ],
)
def test_unreadable_file_is_refused_with_a_reason(data, message):
    with pytest.raises(UnreadableDocument, match=message):
        decode(data)


def test_text_of_any_origin_is_checked_again():
    with pytest.raises(UnreadableDocument, match="empty"):
        parse_markdown(" \n", filename="x.md")
    with pytest.raises(UnreadableDocument, match="larger"):
        parse_markdown("é" * 1_000_001, filename="x.md")


def test_paragraph_of_open_brackets_is_refused_before_it_takes_hours():
    with pytest.raises(UnreadableDocument, match="brackets"):
        parse_markdown("[" * 20_001, filename="x.md")


@pytest.mark.parametrize(
    "text",
    [
        "{%" * 4_000,
        "<a " * 4_000,
        "<!--" * 2_000,
        "<table>" * 2_000,
        "`" * 20_000,
        " " * 50_000 + "x",
        "\n" * 30_000 + "x",
        "::: note\n" * 500,
        "1. " + "Do it. " * 5_000,
        "[!include " * 1_000,
        "> " * 500 + "x",
        "".join("  " * depth + "- x\n" for depth in range(100)),
    ],
    ids=lambda text: repr(text[:8]),
)
def test_hostile_text_is_read_without_error(text):
    procedure = parse_markdown(text, filename="x.md")
    assert procedure.title
    assert not procedure.report.missing_words

"""Reading the forms of a page, so that they can be sent as a browser would send them."""

from html.parser import HTMLParser

Fields = list[tuple[str, str]]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, Fields]] = []
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._area: str | None = None
        self._text: list[str] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        name = values.get("name", "")
        if tag == "form":
            self.found.append((values.get("action", ""), []))
            self._open = True
        elif not self._open or not name and tag != "option":
            return
        elif tag == "input":
            self._input(name, values)
        elif tag == "textarea":
            self._area, self._text = name, []
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((values.get("value", ""), "selected" in values))

    def _input(self, name: str, values: dict[str, str]) -> None:
        kind = values.get("type", "text")
        if kind in ("checkbox", "radio") and "checked" not in values or kind in ("submit", "file", "button"):
            return
        self.found[-1][1].append((name, values.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False
        elif tag == "textarea" and self._area is not None:
            self.found[-1][1].append((self._area, "".join(self._text).removeprefix("\n")))
            self._area = None
        elif tag == "select" and self._select is not None:
            chosen = [value for value, selected in self._options if selected] or [
                value for value, _selected in self._options[:1]
            ]
            self.found[-1][1].extend((self._select, value) for value in chosen)
            self._select = None


def form_with(html: str, field: str) -> Fields:
    """What the first form with a field of this name would send as it stands. Raises LookupError."""
    parser = _Forms()
    parser.feed(html)
    for _action, fields in parser.found:
        if any(name == field for name, _value in fields):
            return fields
    raise LookupError(f"no form with the field {field!r}")


def filled(fields: Fields, **changes: str) -> Fields:
    """`fields` with other values; those that are new are added."""
    kept = [(name, changes.get(name, value)) for name, value in fields]
    present = {name for name, _value in fields}
    return kept + [(name, value) for name, value in changes.items() if name not in present]

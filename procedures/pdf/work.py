"""HTML → PDF with WeasyPrint, inside the child process; see `sopdesk/lib/childprocess_main.py`.

A job holds files (address → [content type, base64]) and either html, for one document, or the parts of a manual: front,
chapters ({html, language}), index and marks. Parts are laid out one after the other, so that there is progress to tell,
and their pages put together. Marks are four strings: the first is replaced by the number of a part's first page; an
anchor between second and third by the number of the page on which it stands; the fourth stands there for the last page.
"""

import base64
import json
import re
from collections.abc import Callable
from email.message import Message

import pydyf
from weasyprint import HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

VARIANT = "pdf/ua-1"


class ClosedFetcher(URLFetcher):
    """Answers `data:` and the pictures that came with the job; everything else does not exist."""

    def __init__(self, files: dict[str, list[str]]) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)
        self._files = files

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url not in self._files:
            return super().fetch(url, headers)
        content_type, encoded = self._files[url]
        fields = Message()
        fields["Content-Type"] = content_type
        return URLFetcherResponse(url, base64.b64decode(encoded), fields)


def work(job: dict, tell: Callable[[str], None]) -> bytes:
    fetcher = ClosedFetcher(job["files"])
    if "chapters" in job:
        return Manual(job, fetcher, tell).pdf()
    return HTML(string=job["html"], url_fetcher=fetcher).write_pdf(pdf_variant=VARIANT)


class Manual:
    """Many documents in one file, with page numbers that go on from one to the next."""

    def __init__(self, job: dict, fetcher: URLFetcher, tell: Callable[[str], None]) -> None:
        self._job, self._fetcher, self._tell = job, fetcher, tell
        self._fonts = FontConfiguration()
        self._numbers: dict[str, int] = {}
        self._first, opening, closing, self._last = job["marks"]
        self._number = re.compile(f"{opening}([^{closing}]*){closing}")

    def pdf(self) -> bytes:
        # The first layout of the front only says how many pages it takes: numbers have a place of fixed width.
        documents = [self._lay_out(self._job["front"], 1)]
        languages = [""] * len(documents[0].pages)
        starts = []
        for chapter in self._job["chapters"]:
            starts.append(len(languages) + 1)
            document = self._lay_out(chapter["html"], starts[-1])
            for number, page in enumerate(document.pages, start=starts[-1]):
                for name in page.anchors:
                    self._numbers.setdefault(name, number)
            documents.append(document)
            languages += [chapter["language"]] * len(document.pages)
            self._tell(json.dumps({"done": len(starts)}))
        self._numbers["index-by-role"] = len(languages) + 1
        documents.append(self._lay_out(self._job["index"], len(languages) + 1))
        languages += [""] * len(documents[-1].pages)
        self._numbers[self._last] = len(languages)
        places = len(documents[0].pages)
        documents[0] = self._lay_out(self._job["front"], 1)
        if len(documents[0].pages) != places:
            raise ValueError("the contents changed their length")
        self._tell(json.dumps({"pages": len(languages), "starts": starts}))
        pages = [page for document in documents for page in document.pages]
        return documents[0].copy(pages).write_pdf(pdf_variant=VARIANT, finisher=_mark_languages(languages))

    def _lay_out(self, html: str, first_page: int) -> Document:
        html = self._number.sub(lambda match: str(self._numbers.get(match[1], "–")), html)
        html = html.replace(self._first, str(first_page))
        return HTML(string=html, url_fetcher=self._fetcher).render(font_config=self._fonts, pdf_variant=VARIANT)


def _mark_languages(languages: list[str]) -> Callable[[Document, pydyf.PDF], None]:
    """Names the language of what stands on each page where there is one; the rest has that of the whole."""

    def finish(document: Document, pdf: pydyf.PDF) -> None:
        by_page = dict(zip(map(_bytes, pdf.page_references), languages, strict=True))
        for element in pdf.objects:
            if isinstance(element, pydyf.Dictionary) and element.get("Type") == "/StructElem" and "Pg" in element:
                language = by_page.get(_bytes(element["Pg"]))
                if language and element["S"] in ("/Sect", "/H1", "/H2", "/P", "/Table", "/Part", "/Div"):
                    element["Lang"] = pydyf.String(language)

    return finish


def _bytes(reference: object) -> bytes:
    return reference if isinstance(reference, bytes) else str(reference).encode()

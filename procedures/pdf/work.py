"""HTML → PDF with WeasyPrint, inside the child process; see `sopdesk/lib/childprocess_main.py`.

A job holds html, and files (address → [content type, base64]).
"""

import base64
from email.message import Message

from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse


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


def work(job: dict) -> bytes:
    return HTML(string=job["html"], url_fetcher=ClosedFetcher(job["files"])).write_pdf(pdf_variant="pdf/ua-1")

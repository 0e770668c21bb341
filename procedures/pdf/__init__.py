"""PDF of frozen revisions: made once in a child process without network, stored, and then served as it is."""

from procedures.pdf.document import build_html
from procedures.pdf.renderer import RenderingFailed, render_pdf
from procedures.pdf.storing import store_pdf

__all__ = ["RenderingFailed", "build_html", "render_pdf", "store_pdf"]

"""The reader page: `making` asks, `page` holds, `banner` and `acts` say what is around the text.

The page is asked for more often than any other: what depends on the person comes from their `Standing`, one query.
"""

from procedures.views.reader.acts import acts_of
from procedures.views.reader.banner import banner_of
from procedures.views.reader.making import reader_page
from procedures.views.reader.page import ReaderPage, page_version

__all__ = ["ReaderPage", "acts_of", "banner_of", "page_version", "reader_page"]

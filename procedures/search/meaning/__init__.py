"""Search by meaning: an extra (`sopdesk[meaning]`) that finds what says the same in other words.

A model on this machine turns passages and queries into vectors; near vectors mean alike. Passages are learnt in the
background, from frozen texts. Who may read what is asked of the database, like for words, before anything counts.
Without the extra every function here says so at once, and nothing else of the search changes.
"""

from procedures.search.meaning.learning import learn
from procedures.search.meaning.model import is_available
from procedures.search.meaning.nearness import nearest

__all__ = ["is_available", "learn", "nearest"]

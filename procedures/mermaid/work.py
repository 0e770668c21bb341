"""Mermaid source → SVG with mmdr, inside the child process; see `sopdesk/lib/childprocess_main.py`.

A job holds source. What mmdr says about a source that it does not understand comes back as the answer.
"""

from collections.abc import Callable

import mmdr


def work(job: dict, tell: Callable[[str], None]) -> bytes:  # nothing to tell
    return mmdr.render(job["source"]).svg().encode()

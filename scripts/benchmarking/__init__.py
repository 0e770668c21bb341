"""The parts of `scripts/bench.py`: databases, servers, a browser, what is measured, and the table."""

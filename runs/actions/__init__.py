"""Suggesting, answering, and what follows from events of revisions."""

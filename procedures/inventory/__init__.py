"""The task inventory: every back-office task, whether a procedure covers it, and what to write next."""

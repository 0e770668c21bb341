"""What plain Django costs over the same tables: the limit that `scripts/bench.py` holds sopdesk against.

Django's default middleware, session, user, the obvious queries of the ORM, one small template a page; no permissions,
no filters, no counts beside the list. Not part of the product and not safe to run for people.
"""

"""PostgreSQL, with statements that stay planned.

Planning the long statements of the reader page takes the server ten times longer than answering them (2.4 ms against
0.2), planning those of a search as long (5 ms). Django binds parameters on the client, where nothing can be prepared,
so these few go through a cursor of their own.
"""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base, operations
from django.db.backends.utils import CursorWrapper
from psycopg import Cursor
from psycopg.types.numeric import Int8Dumper

KEPT_PLANS = 40
"""How many statements a connection keeps planned, those that were used last; the plan of a long one takes 0.6 MB."""


class _PreparingCursor(Cursor):
    """psycopg's cursor, preparing what it executes the first time it sees it on this connection."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        # psycopg sends each whole number as the smallest type that holds it, and other types are another statement.
        self.adapters.register_dumper(int, Int8Dumper)

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, prepare=settings.DATABASE_PREPARES, **options)


class _Operations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """For the log of queries; psycopg does not keep the text of what was prepared."""
        return super().last_executed_query(cursor, sql, params) or sql


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL backend with one more kind of cursor.

    What is used of it is Django's own seam between backends, which the type stubs leave out.
    """

    ops_class = _Operations

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.prepared_max = KEPT_PLANS
        return connection

    def prepared_cursor(self) -> CursorWrapper:
        """A cursor for statements whose text is always the same. The connection keeps them planned until it closes."""
        wrapper: Any = self
        wrapper.close_if_health_check_failed()
        self.ensure_connection()
        with wrapper.wrap_database_errors:
            return wrapper._prepare_cursor(_PreparingCursor(wrapper.connection))

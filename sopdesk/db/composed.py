"""Querysets that are composed and compiled once, and asked with other values each time.

A condition of many subqueries takes the ORM a hundred times as long to put together as the database to answer. The
rule still stands in one place and in the ORM; only its SQL is kept.
"""

import datetime
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models import query as orm

Model = TypeVar("Model", bound=models.Model)
Value = int | str | datetime.date
"""What a composed question may be asked with; a moment is a date, too."""


class Composed(Generic[Model]):
    """A queryset of whole instances that depends on nothing but some numbers, texts, days and moments.

    compose: makes it of these; they are passed by name, so that the names of `kinds` are those of its arguments.
    kinds: name of each value → int, str, datetime.date or datetime.datetime (aware).

    What `compose` does must not depend on the values in any other way: it sees stand-ins for them, once per process.
    """

    def __init__(self, compose: Callable[..., "models.QuerySet[Model]"], **kinds: type) -> None:
        self._compose = compose
        self._stand_ins = {name: _stand_in(kind, number) for number, (name, kind) in enumerate(kinds.items(), 1)}
        self._compiled: _Compiled | None = None

    def ask(self, **values: Any) -> Iterator[Model]:
        """The instances for `values`, with what is selected beside them; one query. Raises TypeError for other names
        than those of the composed queryset, ValueError when it depends on a value that is not in its SQL."""
        if values.keys() != self._stand_ins.keys():
            raise TypeError(f"{sorted(values)} instead of {sorted(self._stand_ins)}")
        if self._compiled is None:
            self._compiled = _Compiled(self._compose(**self._stand_ins), self._stand_ins)
        return self._compiled.instances(values)


def _stand_in(kind: type, number: int) -> Value:
    """A value that nothing else in a query is equal to."""
    if kind is int:
        return -9_000_000_000_000_000 - number
    if kind is str:
        return f"\N{REPLACEMENT CHARACTER}{number}"
    if kind is datetime.date:
        return datetime.date.max - datetime.timedelta(days=number)
    if kind is datetime.datetime:
        return datetime.datetime(9000, 1, number, tzinfo=datetime.UTC)
    raise TypeError(f"No stand-in for {kind}")


class _Compiled:
    """The SQL with what Django knows of its columns. It reads them as `QuerySet` does, through the parts of the ORM
    that `ModelIterable` uses."""

    def __init__(self, queryset: models.QuerySet, stand_ins: dict[str, Any]) -> None:
        self._query: Any = queryset.query
        compiler = self._query.get_compiler(connection=connection)
        self._sql, params = compiler.as_sql()
        names = {_as_parameter(value): name for name, value in stand_ins.items()}
        self._params: list[tuple[str | None, Any]] = [(names.get(value), value) for value in params]
        if missing := stand_ins.keys() - {name for name, _ in self._params}:
            raise ValueError(f"{sorted(missing)} stand nowhere in {self._sql}")
        self._converters = compiler.get_converters([expression for expression, _, _ in compiler.select])
        self._annotations = compiler.annotation_col_map
        own = compiler.klass_info["select_fields"]
        self._model = compiler.klass_info["model"]
        self._own = slice(own[0], own[-1] + 1)
        self._fields = [expression.target.attname for expression, _, _ in compiler.select[self._own]]
        populators_for: Any = orm.get_related_populators  # the stubs are of a later Django, which asks for more
        self._related = populators_for(compiler.klass_info, compiler.select, connection.alias)

    def instances(self, values: dict[str, Any]) -> Iterator[Any]:
        params = [_as_parameter(values[name]) if name else value for name, value in self._params]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            rows = cursor.fetchall()
        compiler = self._query.get_compiler(connection=connection)
        for row in compiler.apply_converters(rows, self._converters):
            instance = self._model.from_db(connection.alias, self._fields, row[self._own])
            for populator in self._related:
                populator.populate(row, instance)
            for name, position in self._annotations.items():
                setattr(instance, name, row[position])
            yield instance


def _as_parameter(value: Value) -> Any:
    """`value` as the ORM passes it to this database."""
    if isinstance(value, datetime.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, datetime.date) else value

"""What every table of the schema is made with: one catalogue of tables, and the kinds of column there are."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, Text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


def text(name: str, *, key: bool = False) -> Column[str]:
    """A text that is always there, if only empty."""
    return Column(name, Text, nullable=False, primary_key=key)


def count(name: str) -> Column[int]:
    """A whole number that is always there."""
    return Column(name, Integer, nullable=False)


def later(name: str, kind: type[Integer] | type[Text], default: str) -> Column:
    """A column that came with a later version: rows from before have the default."""
    return Column(name, kind, nullable=False, server_default=default)

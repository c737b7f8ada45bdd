"""Tables -> what every check says of them: a check is a query for bad rows, and passing is finding none."""

from collections.abc import Collection
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from sc_pipeline import reference
from sc_pipeline import sql as engine
from sc_pipeline.sql import SqlCheck

SHOWN = 5


@dataclass(frozen=True)
class Outcome:
    """The result of one check. `bad_rows` is None where it could not be run; a note passes whatever it finds."""

    check: str
    table: str
    outcome: str
    blocking: bool
    bad_rows: int | None
    notes: str
    is_note: bool = False


def run_checks(connection: duckdb.DuckDBPyConnection, names: Collection[str] | None = None) -> list[Outcome]:
    """Every check, or those named, over a connection in which the tables can be read by their names."""
    return [_run(connection, check) for check in engine.sql_checks().values() if names is None or check.name in names]


def _run(connection: duckdb.DuckDBPyConnection, check: SqlCheck) -> Outcome:
    for name in check.references:
        connection.register(name, reference.load(name))
    try:
        bad = connection.execute(check.sql).to_arrow_table()
    except duckdb.CatalogException as error:
        missing = str(error).splitlines()[0]
        notes = f"{check.description} {missing}"
        return Outcome(check.name, check.table, "not run", check.blocking, None, notes, check.is_note)
    outcome = "failed" if len(bad) and not check.is_note else "passed"
    return Outcome(check.name, check.table, outcome, check.blocking, len(bad), _notes(check, bad), check.is_note)


def _notes(check: SqlCheck, bad: pa.Table) -> str:
    shown = [", ".join(f"{name} {value}" for name, value in row.items()) for row in bad.slice(0, SHOWN).to_pylist()]
    more = [f"and {len(bad) - SHOWN:,} more"] if len(bad) > SHOWN else []
    return " | ".join([check.description, *shown, *more])

"""Rows as they are made -> a table in the store, every row checked against the table's schema."""

from collections.abc import Iterator

import pyarrow as pa

from sc_pipeline import sql
from sc_pipeline.errors import AuditFailed
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import RowTable, arrow_schema, failures
from sc_pipeline.store import Store
from sc_pipeline.store.notes import Provenance


def by_release(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[str, Iterator[pa.RecordBatch]]]:
    """Each release with the batches of its rows; one release's must be used up before the next is asked for."""
    dealt = sql.deal(batches)
    current = next(dealt, None)

    def of(release: str) -> Iterator[pa.RecordBatch]:
        nonlocal current
        while current is not None and current[0] == release:
            yield current[1]
            current = next(dealt, None)

    while current is not None:
        release = current[0]
        yield release, of(release)


def write(
    store: Store, name: str, batches: Iterator[pa.RecordBatch], provenance: Provenance, release: str | None = None
) -> None:
    """Write a table, checked against its schema: tables of rows batch by batch, those that people read as a whole."""
    schema = arrow_schema(MODELS[name])
    if issubclass(MODELS[name], RowTable):
        pieces = (pa.Table.from_batches([batch]) for batch in batches)
    else:
        pieces = iter([pa.Table.from_batches(batches, schema)])
    with store.writer(name, schema, provenance, release) as writer:
        for piece in pieces:
            writer.add(checked(name, piece))


def checked(name: str, rows: pa.Table) -> pa.Table:
    """The rows. Raises AuditFailed where one breaks the table's schema; then the old table stays."""
    broken = failures(MODELS[name], rows)
    if broken:
        raise AuditFailed(f"{name}: {broken[0]}; nothing was published")
    return rows

"""The SQL itself -> which columns every column comes from."""

from pathlib import Path

import pyarrow as pa

from sc_pipeline.schemas import meta
from sc_pipeline.schemas.base import arrow_schema
from sc_pipeline.tables import code_version

CODE_VERSION = code_version(Path(__file__))
TRACE_MACRO = """
create macro trace(month, population, subset) as table
select 1 as x
"""


def lineage_table() -> pa.Table:
    return arrow_schema(meta.ColumnLineage).empty_table()


def asset_lineage(table: str) -> dict[str, list[tuple[str, str]]]:
    return {}

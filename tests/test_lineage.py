"""Every column says where it comes from, and every chain ends at a file's column, a manifest or a reference table."""

import pytest

from sc_pipeline import engine, reference
from sc_pipeline.lineage import all_lineage, asset_lineage
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import columns

# No layout has a column for it yet; it is kept because the productions asked for today will.
UNFED = {("removals_by_release", "detainer_facility")}
MADE = list(all_lineage())


@pytest.mark.parametrize("table", MADE)
def test_every_column_has_a_source(table: str) -> None:
    found = all_lineage()[table]
    assert list(found) == [column.name for column in columns(MODELS[table])]
    assert {(table, name) for name, sources in found.items() if not sources} <= UNFED


def ends_of(table: str, column: str, seen: set[tuple[str, str]]) -> set[str]:
    """Where the chain from a column ends."""
    if (table, column) in seen:
        return set()
    seen.add((table, column))
    if table not in all_lineage():
        return {table}
    names = [column] if column != "*" else list(all_lineage()[table])
    return {end for name in names for source in all_lineage()[table][name] for end in ends_of(*source, seen)}


@pytest.mark.parametrize("table", list(engine.sql_tables()))
def test_every_chain_ends_at_a_file_a_manifest_or_a_reference(table: str) -> None:
    for column in columns(MODELS[table]):
        ends = ends_of(table, column.name, set())
        assert ends or column.name == "detainer_facility", column.name
        known = {"staged_rows", "release.toml", *reference.SCHEMAS}
        assert {end for end in ends if not end.startswith("layout:")} <= known


def test_convicted_rests_on_level_code_and_criminality() -> None:
    sources = all_lineage()["removals_by_release"]["convicted"]
    assert ("layout:trac_secure_2019", "mscc_code") in sources
    assert ("layout:ice_removals_2026_03", "Case Threat Level") in sources


def test_dagster_is_told_of_tables_only() -> None:
    assert {source for sources in asset_lineage("monthly_removals").values() for source, _ in sources} <= set(MODELS)

"""Every column says where it comes from, and every chain ends at a file's column, a manifest or a reference table."""

import dagster as dg
import pytest
from sqlglot import exp
from sqlglot.lineage import lineage as by_sqlglot

from sc_pipeline import definitions, reference
from sc_pipeline import sql as engine
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import columns
from sc_pipeline.staged.vocabularies import load_words
from sc_pipeline.warehouse.lineage import all_lineage, asset_lineage, lineage_table
from sc_pipeline.warehouse.tables import published_tables
from tests.sql_lineage import Query, types_of

TABLES = sorted({*published_tables(), *all_lineage()})


def sql_table(sql: str, *inputs: str) -> engine.SqlTable:
    return engine.SqlTable("made_up", "core", sql, inputs, (), "")


def ends_of(table: str, column: str, seen: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Where the chains from a column end."""
    if (table, column) in seen:
        return set()
    seen.add((table, column))
    if table not in all_lineage():
        return {(table, column)}
    return {end for source in all_lineage()[table][column] for end in ends_of(*source, seen)}


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_source(table: str) -> None:
    found = all_lineage()[table]
    assert list(found) == [*(column.name for column in columns(MODELS[table])), "*"]
    assert [name for name, sources in found.items() if not sources] == []


def test_no_column_but_three_is_made_of_the_words_of_its_sql_alone() -> None:
    constants = {
        (table.name, column.name)
        for table in engine.sql_tables().values()
        for query in [Query(table)]
        for column in columns(MODELS[table.name])
        if not query._column(query._query, column.name, False)
    }
    # Every row has a day, a place (or none) and, of a detainer, a preparation: these are known of all.
    assert constants == {
        ("removals_by_place", "removals_undetermined"),
        ("removals_by_aor", "removals_undetermined"),
        ("detainer_outcomes", "detainers_status"),
    }


@pytest.mark.parametrize("table", TABLES)
def test_every_source_is_a_column_that_is_there(table: str) -> None:
    of_vocabularies = {
        f"vocabulary:{kind}": {
            "*",
            *(each for names in vocabulary.fields.values() for each in names),
            *(each for measure in vocabulary.measures for each in measure.columns),
        }
        for kind, vocabulary in load_words().vocabularies.items()
    }
    of_tables = {name: {"*", *(column.name for column in columns(model))} for name, model in MODELS.items()}
    of_csvs = {
        f"reference/{path.name}": {"*", *path.read_text(encoding="utf-8").splitlines()[0].split(",")}
        for path in reference.FOLDER.glob("*.csv")
    }
    known = {**of_vocabularies, **of_tables, **of_csvs}
    for sources in all_lineage()[table].values():
        for source, column in sources:
            written_by_hand = source in ("release.toml", "corrections.toml", "productions/*.toml")
            assert written_by_hand or column in known[source], (source, column)


@pytest.mark.parametrize("table", engine.sql_tables())
def test_every_chain_ends_at_a_file_a_manifest_or_a_reference(table: str) -> None:
    for column in columns(MODELS[table]):
        ends = {source for source, _ in ends_of(table, column.name, set())}
        assert ends, column.name
        outside = {end for end in ends if not end.startswith(("vocabulary:", "reference/"))}
        assert outside <= {"release.toml", "productions/*.toml"}, column.name


@pytest.mark.parametrize("table", engine.sql_tables())
def test_nothing_is_missing_that_sqlglot_itself_finds(table: str) -> None:
    sql = engine.sql_tables()[table]
    schema: dict[str, object] = {name: types_of(name) for name in (*sql.inputs, *sql.references)}
    nodes = by_sqlglot(None, sql.sql, schema, dialect="duckdb", trim_selects=False)
    assert isinstance(nodes, dict)
    for column in columns(MODELS[table]):
        leaves = {
            (step.expression.name, step.name.rsplit(".", 1)[-1].strip('"'))
            for step in nodes[column.name].walk()
            if isinstance(step.expression, exp.Table)
        }
        assert leaves <= Query(sql).sources(column.name), column.name


def test_a_detainer_linked_figure_rests_on_both_detainer_dates_and_the_departure() -> None:
    ends = ends_of("monthly_removals", "removals", set())
    assert {
        ("vocabulary:removals", "Detainer Prepare Date"),
        ("vocabulary:removals", "Departed Date"),
        ("vocabulary:detainers", "Detainer Prepare Date"),
        ("vocabulary:monthly_counts", "Total Removals Using SC Fingerprint Match"),
    } <= ends


def test_convicted_rests_on_what_is_written_of_the_conviction_and_level1_on_the_levels_too() -> None:
    sources = all_lineage()["removals_by_release"]["convicted"]
    assert {
        ("vocabulary:removals", "Mscc Code"),
        ("vocabulary:removals", "Case Threat Level"),
        ("vocabulary:removals", "Case Criminality"),
        ("vocabulary:removals", "MSC Criminal Charge Status"),
    } <= set(sources)
    level1 = all_lineage()["removals_by_release"]["level1"]
    assert {*sources, ("reference/offense_levels.csv", "level")} <= set(level1)


def test_what_picks_rows_is_what_the_rows_rest_on() -> None:
    assert all_lineage()["level1_removals"]["*"] == [("removals", "*"), ("removals", "level1")]
    served = all_lineage()["removals"]["*"]
    assert {source for source in served if source[0] == "month_sources"} == {
        ("month_sources", "*"),
        ("month_sources", "month"),
        ("month_sources", "origin"),
        ("month_sources", "population"),
        ("month_sources", "release_id"),
    }


def test_a_level1_figure_does_not_rest_on_the_country() -> None:
    ends = ends_of("convictions", "level1", set())
    assert ("vocabulary:removals", "Mscc Code") in ends
    assert ("vocabulary:removals", "Citizenship Country") not in ends


def test_counting_rows_rests_on_the_rows_of_the_table_counted() -> None:
    query = Query(sql_table("select month, count(*) as n from removals group by month", "removals"))
    assert query.sources("n") == {("removals", "*")}
    assert query.sources("month") == {("removals", "month")}


def test_a_constant_rests_on_what_picks_its_rows_and_a_null_on_nothing() -> None:
    sql = """
        select 'early' as half, cast(null as bigint) as n from removals where departed_date < '2012-01-01'
        union all
        select 'any' as half, age_at_removal as n from detainer_linked_removals
    """
    query = Query(sql_table(sql, "removals", "detainer_linked_removals"))
    assert query.sources("half") == {("removals", "departed_date"), ("detainer_linked_removals", "*")}
    assert query.sources("n") == {("detainer_linked_removals", "age_at_removal")}


def test_windows_lists_and_unions_are_followed() -> None:
    sql = """
        with codes as (select * from (values ('a', 1), ('b', 2)) as listed (code, weight))
        select
            codes.code,
            row_number() over (partition by gender order by departed_date) as place,
            unnest([removals.state, removals.county]) as name
        from removals
        inner join codes on codes.weight = removals.conviction_level
        union all
        select citizenship_country as code, age_at_removal as place, case_status as name from detainer_linked_removals
    """
    query = Query(sql_table(sql, "removals", "detainer_linked_removals"))
    assert query.sources("code") == {
        ("removals", "conviction_level"),
        ("detainer_linked_removals", "citizenship_country"),
    }
    assert query.sources("place") == {
        ("removals", "gender"),
        ("removals", "departed_date"),
        ("detainer_linked_removals", "age_at_removal"),
    }
    assert query.sources("name") == {
        ("removals", "state"),
        ("removals", "county"),
        ("detainer_linked_removals", "case_status"),
    }


def test_having_and_qualify_pick_rows_too() -> None:
    sql = "select month from removals group by month having max(age_at_removal) > 3"
    assert Query(sql_table(sql, "removals")).rows() == {("removals", "*"), ("removals", "age_at_removal")}
    sql = "select month from removals qualify row_number() over (partition by month order by person_id) = 1"
    assert Query(sql_table(sql, "removals")).rows() == {
        ("removals", "*"),
        ("removals", "month"),
        ("removals", "person_id"),
    }


@pytest.mark.parametrize(
    "sql",
    [
        "select month from (select month from removals) as inner_query",
        "select (select max(detainers.month) from detainers) as month from removals",
        "select month from removals where month in (select detainers.month from detainers)",
        "select month from removals where exists (select 1 from detainers where detainers.month = removals.month)",
        "select listed.state as month from removals, unnest([removals.state]) as listed (state)",
        "select day as month from generate_series(1, 3) as listed (day)",
        "with recursive days as (select month from removals union select month from days) select month from days",
        "select distinct on (gender) month from removals",
    ],
)
def test_what_cannot_be_followed_is_refused_rather_than_overlooked(sql: str) -> None:
    with pytest.raises(ValueError, match="column lineage cannot follow"):
        Query(sql_table(sql, "removals", "detainers"))


def test_dagster_is_told_of_assets_and_their_columns_only() -> None:
    for table in TABLES:
        for sources in asset_lineage(table).values():
            for source, column in sources:
                assert source in {*TABLES, "staged_rows"}
                assert source == "staged_rows" or column in {each.name for each in columns(MODELS[source])}
    places = asset_lineage("removals_by_place")["removals"]
    assert ("removals", "source_row") in places
    assert ("staged_rows", "Mscc Code") in asset_lineage("removals_by_release")["msc_code"]


def test_the_table_holds_each_pair_once() -> None:
    rows = [tuple(row.values()) for row in lineage_table().to_pylist()]
    assert len(rows) == len(set(rows))
    assert ("convictions", "any_offense", "running_averages", "removals") in rows


def test_assets_carry_it() -> None:
    specs = {spec.key.to_user_string(): spec for spec in definitions.defs.resolve_all_asset_specs()}
    carried = specs["convictions"].metadata["dagster/column_lineage"]
    assert isinstance(carried, dg.TableColumnLineage)
    assert carried.deps_by_column["any_offense_12m"] == [
        dg.TableColumnDep(dg.AssetKey("printed_averages"), "average_12m"),
        dg.TableColumnDep(dg.AssetKey("printed_averages"), "subset"),
        dg.TableColumnDep(dg.AssetKey("running_averages"), "average_12m"),
        dg.TableColumnDep(dg.AssetKey("running_averages"), "subset"),
    ]

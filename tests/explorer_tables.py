"""A published file with the tables the explorer reads, small and told, or as large as a bench needs."""

from datetime import date
from pathlib import Path

import duckdb

import sc_pipeline

_COUNTIES = Path(sc_pipeline.__file__).parent / "reference" / "counties.csv"
MEASURES = ("removals", "convicted", "not_convicted", "level1", "detainer_linked")
_COUNTS = ", ".join(f"{name} bigint, {name}_undetermined bigint, {name}_status varchar" for name in MEASURES)
_OUTCOMES = ("detainers", "persons", "departed_within_90_days", "departed_within_365_days")
_TABLES = f"""
create schema meta;
create table removals_by_month (month date, population varchar, fiscal_year bigint, {_COUNTS});
comment on column removals_by_month.removals is 'Departures in the records of the month.';
create table removals_by_place (
    month date, population varchar, state varchar, county_fips varchar, county varchar, fiscal_year bigint, {_COUNTS});
create table removals_by_aor (month date, population varchar, aor varchar, fiscal_year bigint, {_COUNTS});
create table monthly_removals (
    month date, population varchar, subset varchar, removals bigint, undetermined bigint, status varchar,
    origin varchar, release_id varchar, level_basis varchar, likely_duplicates bigint);
create table detainer_outcomes (
    month date, facility_state varchar, facility_aor varchar, biometric_match varchar,
    {", ".join(f"{name} bigint, {name}_status varchar" for name in _OUTCOMES)},
    lifted bigint, declined bigint, median_days_to_departure double, undetermined bigint);
create table removals (
    release_id varchar, population varchar, month date, state varchar, aor varchar, citizenship_country varchar,
    gender varchar, age_at_removal bigint, convicted boolean, level1 boolean, departure_kind varchar);
create table meta.silences (release_id varchar, population varchar, month date, field varchar, reason varchar);
create table meta.month_sources (population varchar, month date, release_id varchar, origin varchar, reason varchar);
create table meta.detainer_sources (month date, release_id varchar);
create table meta.releases (
    release_id varchar, title varchar, publisher varchar, agency varchar, foia_request varchar, received date,
    population varchar, synthetic boolean, source_url varchar, caution varchar, scope_note varchar);
insert into meta.releases values
    ('case-file', 'Case file', 'A publisher', 'ICE', '2024-1', date '2024-05-01', 'sc', true, 'https://example.org/',
     'Its last weeks undercount.', null),
    ('printed', 'Printed tables', 'TRAC, Syracuse University', 'ICE', null, date '2017-11-30', null, false, null, null,
     null);
"""

# A place's rows, month by month, each count from a hash of where it is: withheld from June 2013, undetermined in some
# places, cut in the last month. hash() differs between versions of DuckDB, so the numbers are arithmetic instead.
_CELLS = """
create temp table places (place bigint, state varchar, county_fips varchar, county varchar);
insert into places values
    (0, 'TX', '48201', 'Harris County'), (1, 'TX', '48453', 'Travis County'), (2, 'TX', '', null),
    (3, 'CA', '06037', 'Los Angeles County'), (4, 'CT', '09110', 'Capitol Planning Region'),
    (5, 'SD', '46113', 'Shannon County'), (6, 'PR', '72127', 'San Juan Municipio'), (7, '', '', null),
    (8, 'CA', '06073', 'San Diego County');
insert into places
    select 8 + row_number() over (order by county_fips), state, county_fips, name
    from read_csv(?, all_varchar = true) where county_fips not in (select county_fips from places)
    order by county_fips limit ?;
create temp table cells as
with counted as (
    select
        cast(date '2012-01-01' + to_months(cast(offsets.since as integer)) as date) as month,
        populations.population,
        places.*,
        offsets.since,
        3 + (places.place * 7 + offsets.since * 5) % 23 + populations.more as n
    from places, range(?) as offsets(since), (values ('ice', 9), ('sc', 0)) as populations(population, more)
    where (places.place * 3 + offsets.since) % 5 <> 0 or places.place > 8
)
select
    month, population, state, county_fips, county, since, place,
    if(month(month) >= 10, year(month) + 1, year(month)) as fiscal_year,
    n as removals, 0 as removals_undetermined, if(month = max(month) over (), 'partial', 'reported') as removals_status,
    n // 2 as convicted, if(place % 4 = 1, 2, 0) as convicted_undetermined,
    if(month = max(month) over (), 'partial', if(place % 4 = 1, 'at_least', 'reported')) as convicted_status,
    n - n // 2 - if(place % 4 = 1, 2, 0) as not_convicted, if(place % 4 = 1, 2, 0) as not_convicted_undetermined,
    if(month = max(month) over (), 'partial', if(place % 4 = 1, 'at_least', 'reported')) as not_convicted_status,
    if(place = 3, null, n // 3) as level1, if(place = 3, n, 0) as level1_undetermined,
    if(place = 3, 'unreadable', 'reported') as level1_status,
    if(month >= date '2013-06-01', null, n // 4) as detainer_linked,
    if(month >= date '2013-06-01', n, 0) as detainer_linked_undetermined,
    if(month >= date '2013-06-01', 'withheld', if(month = max(month) over (), 'partial', 'reported'))
        as detainer_linked_status
from counted;
"""


def write_tables(published: Path, *, months: int = 24, more_places: int = 0, people: bool = True) -> None:
    """Write `published`: case files of `months` months from January 2012, and printed months without places before."""
    with duckdb.connect(published) as connection:
        connection.execute(_TABLES)
        _create_cells(connection, more_places, months)
        names = [f"{name}{tail}" for name in MEASURES for tail in ("", "_undetermined", "_status")]
        connection.execute(
            f"insert into removals_by_place select month, population, state, county_fips, county, fiscal_year,"
            f" {', '.join(names)} from cells"
        )
        summed = ", ".join(_summed(name) for name in MEASURES)
        connection.execute(
            f"insert into removals_by_month select month, population, any_value(fiscal_year), {summed} from cells"
            " group by month, population"
        )
        connection.execute(
            "insert into removals_by_aor select month, population, if(state = 'TX', 'Dallas', 'Elsewhere'),"
            f" any_value(fiscal_year), {summed} from cells group by all"
        )
        _write_printed(connection)
        _write_sources(connection)
        _write_detainers(connection)
        if people:
            _write_people(connection)


def write_printed(published: Path) -> None:
    """Write `published` as the shipped tables make it: national months without any case file."""
    with duckdb.connect(published) as connection:
        connection.execute(_TABLES)
        _write_printed(connection)
        _write_sources(connection)


def _create_cells(connection: duckdb.DuckDBPyConnection, more_places: int, months: int) -> None:
    first, *middle, last = [text for text in _CELLS.split(";") if text.strip()]
    connection.execute(first)
    connection.execute(middle[0])
    connection.execute(middle[1], [str(_COUNTIES), more_places])
    connection.execute(last, [months])


def _summed(name: str) -> str:
    status = f"{name}_status"
    return (
        f"sum({name}), sum({name}_undetermined), case when count({name}) = 0 then min({status})"
        f" when bool_or({status} = 'partial') then 'partial' when count({name}) < count(*)"
        f" or sum({name}_undetermined) > 0 then 'at_least' else 'reported' end"
    )


def _write_printed(connection: duckdb.DuckDBPyConnection) -> None:
    """Four printed months before the case files, September 2011 not there, and a month not yet released."""
    rows = [
        (date(2011, 8, 1), "sc", 90),
        (date(2011, 10, 1), "sc", 100),
        (date(2011, 11, 1), "sc", 1100),
        (date(2011, 12, 1), "sc", 120),
        (date(2011, 12, 1), "ice", None),
    ]
    for month, population, count in rows:
        status = "reported" if count is not None else "not_released"
        connection.execute(
            "insert into removals_by_month (month, population, fiscal_year, removals, removals_undetermined,"
            " removals_status, detainer_linked, detainer_linked_undetermined, detainer_linked_status)"
            " values (?, ?, ?, ?, 0, ?, null, null, 'withheld')",
            [month, population, month.year + (month.month >= 10), count, status],
        )


def _write_sources(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "insert into meta.month_sources select population, month,"
        " if(month < date '2012-01-01', 'printed', 'case-file'),"
        " if(month < date '2012-01-01', 'published', 'records'),"
        " 'only release with this month' from removals_by_month"
    )
    connection.execute(
        "insert into monthly_removals select month, population, 'level1', level1, level1_undetermined, level1_status,"
        " 'records', 'case-file', 'threat_level_2011', 0 from removals_by_month where level1 is not null"
    )


def _write_detainers(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("insert into meta.detainer_sources select distinct month, 'case-file' from cells")
    connection.execute("""
        insert into detainer_outcomes
        select
            month, state, if(state = 'TX', 'Dallas', null), if(place % 2 = 0, 'true', null),
            sum(removals * 2), 'reported', sum(removals), 'reported',
            sum(removals), 'at_least', if(month > date '2013-02-01', null, sum(removals)),
            if(month > date '2013-02-01', 'partial', 'at_least'),
            null, sum(removals // 5), 12.0, sum(1)
        from cells where population = 'ice' group by month, state, place % 2
    """)


def _write_people(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        insert into removals
        select
            'case-file', population, month, nullif(state, ''), if(state = 'TX', 'Dallas', 'Elsewhere'),
            if((place + nth) % 3 = 0, 'GUATEMALA', 'MEXICO'),
            if(month >= date '2013-01-01', null, if(nth % 2 = 0, 'Male', 'Female')),
            if(nth % 7 = 6, null, 15 + nth * 3),
            if(nth % 5 = 0, null, nth % 2 = 0), if(nth % 5 = 0 or nth % 6 = 0, null, nth % 4 = 0),
            if(nth % 3 = 0, null, 'Removal')
        from cells, range(60) as numbers(nth) where nth < removals
    """)
    connection.execute(
        "insert into meta.silences select distinct 'case-file', population, month, 'gender', 'withheld' from cells"
        " where month >= date '2013-01-01'"
    )

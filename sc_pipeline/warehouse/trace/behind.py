"""A figure of any mart -> the SQL that lists the source rows or printed cells behind it.

Each query reads `picked`, the one row of the mart, and gives release, file, sheet, row, column (of a printed cell) and
how much the row counts: 1 for a removal or a detainer, the number for a cell, negative where it is taken off.
"""

from collections.abc import Mapping
from functools import cache

from sc_pipeline.warehouse.trace import of_text
from sc_pipeline.warehouse.trace.listing import OF_SUBSET, months_listed, rows_listed, twelve_months

# What makes a row one of a subset.
_IN_SUBSET = {
    "removals": "true",
    "convicted": "rows.convicted",
    "not_convicted": "not rows.convicted",
    "level1": "rows.level1",
    "detainer_linked": "rows.detainer_linked",
    "convicted_undetermined": "rows.convicted is null",
    "not_convicted_undetermined": "rows.convicted is null",
    "level1_undetermined": "rows.level1 is null",
    "detainer_linked_undetermined": "rows.detainer_linked is null",
}
_CRIMINALITY = {
    "convicted": "rows.convicted",
    "pending": "not rows.convicted and (starts_with(rows.criminality, '2') or rows.msc_status = 'PENDING')",
    "neither": "not rows.convicted and starts_with(rows.criminality, '3') "
    "and coalesce(rows.msc_status, '') <> 'PENDING'",
    "unknown": "rows.convicted is null or (not rows.convicted and not coalesce(starts_with(rows.criminality, '2') "
    "or starts_with(rows.criminality, '3') or rows.msc_status = 'PENDING', false))",
}
_DEPARTED_365 = "rows.days_to_departure <= 365"
_OUTCOMES = {
    "detainers": "true",
    "persons": "rows.person_id is not null",
    "departed_within_90_days": "rows.days_to_departure <= 90",
    "departed_within_365_days": _DEPARTED_365,
    "lifted": "rows.lift_reason is not null",
    "declined": "lower(rows.lift_reason) like '%declined%'",
    "median_days_to_departure": _DEPARTED_365,
    "undetermined": "rows.days_to_departure is null and not rows.is_told",
}
_MONTH = ("month", "population")
_TRAFFIC = "levels.offense_family in ('Traffic offenses', 'Hit and run')"

# Mart -> the table whose rows it counts, its keys (where they are not a column of that table), its figures.
_SPLITS: Mapping[str, tuple[str, Mapping[str, str], Mapping[str, str]]] = {
    "removals_by_place": ("removals", {**dict.fromkeys(_MONTH, ""), "state": "''", "county_fips": "''"}, _IN_SUBSET),
    "removals_by_aor": ("removals", {**dict.fromkeys(_MONTH, ""), "aor": "''"}, _IN_SUBSET),
    "removals_by_criminality": ("removals", {**dict.fromkeys(_MONTH, ""), "state": "''"}, _CRIMINALITY),
    "criminality_by_aor": ("removals", {**dict.fromkeys(_MONTH, ""), "aor": "''"}, _CRIMINALITY),
    "removals_by_kind": (
        "removals",
        {**dict.fromkeys(_MONTH, ""), "departure_kind": "''"},
        {"removals": "true"},
    ),
    "removals_by_offense": (
        "removals",
        {"fiscal_year": "", "population": "", "msc_code": "''"},
        dict.fromkeys(("removals", "share_of_convicted"), "rows.convicted"),
    ),
    "detainer_outcomes": (
        "detainer_departures",
        dict.fromkeys(("month", "facility_state", "facility_aor", "biometric_match"), ""),
        _OUTCOMES,
    ),
    "detainer_lift_reasons": (
        "detainers",
        {"month": "", "facility_state": "''", "lift_reason": ""},
        {"detainers": "true"},
    ),
    "biometric_match_proxy": (
        "biometric_matches",
        dict.fromkeys(_MONTH, ""),
        {"matched_at_state_or_local": "rows.is_match"},
    ),
}


def _split(table: str, figure: str) -> str:
    rows, keys, figures = _SPLITS[table]
    on = [
        f"{f'coalesce(rows.{key}, {empty})' if empty else f'rows.{key}'} = picked.{key}" for key, empty in keys.items()
    ]
    return rows_listed(rows, " and ".join(on), f"picked.{figure} is not null and ({figures[figure]})")


def _month(population: str, subset: str, where: str = "true") -> str:
    return months_listed(
        f"select month, {population} as population, {subset} as subset, 1 as times from picked where {where}"
    )


def _span(population: str, subset: str) -> str:
    return months_listed(f"""
        select spans.month, {population} as population, {subset} as subset, 1 as times
        from picked
        inner join share_spans as spans
            on spans.span = picked.span and spans.population = picked.population and spans.last_month = picked.month""")


_YEAR_ON = "months.fiscal_year = picked.fiscal_year and months.population = picked.population"
_YEAR = months_listed(f"""
    select months.month, months.population, 'all' as subset, 1 as times
    from picked inner join removals_by_month as months on {_YEAR_ON} and months.removals is not null""")
_PRINTED_YEAR = """
    select cells.release_id, cells.source_file, cells.source_sheet, cells.source_row, cells.source_column,
        cells.value as counted
    from picked inner join published_years as cells
        on cells.release_id = picked.publication and cells.fiscal_year = picked.fiscal_year
        and cells.population = picked.population and cells.subset = 'all' and cells.value is not null"""


def _of_release(release: str, subset: str, month: str) -> str:
    """What one release has of a month or year: its rows, else its printed cells."""
    asked = OF_SUBSET if subset == "picked.subset" else "true"
    return f"""{
        rows_listed(
            "removals_by_release",
            f"rows.release_id = picked.{release} and rows.population = picked.population "
            f"and rows.{month} = picked.{month}",
            asked,
        )
    }
        union all
        select cells.release_id, cells.source_file, cells.source_sheet, cells.source_row, cells.source_column,
            cells.value as counted
        from picked inner join published_counts as cells
            on cells.release_id = picked.{release} and cells.population = picked.population
            and cells.subset = {subset} and cells.measure = 'removals' and cells.value is not null
            and {
        "cells.month = picked.month"
        if month == "month"
        else "extract(year from cells.month + interval 3 month) = picked.fiscal_year"
    }"""


def _group(release: str) -> str:
    value = "case picked.dimension when 'aor' then coalesce(rows.aor, '') else coalesce(rows.citizenship_iso, '') end"
    on = f"rows.release_id = picked.{release} and rows.population = picked.population and rows.month = picked.month"
    return rows_listed("removals_by_release", on, f"{value} = picked.group_value")


_REVISED = """
    select case when rows.older_row is null then rows.newer_release else rows.older_release end as release_id,
        coalesce(rows.older_file, rows.newer_file) as source_file,
        coalesce(rows.older_sheet, rows.newer_sheet) as source_sheet,
        coalesce(rows.older_row, rows.newer_row) as source_row, cast(null as varchar) as source_column, 1 as counted
    from picked inner join revised_removals as rows
        on rows.population = picked.population and rows.month = picked.month
        and rows.older_release = picked.older_release and rows.newer_release = picked.newer_release
        and rows.outcome = picked.outcome and rows.field = picked.field"""
_LETTERS = "regexp_replace(strip_accents(upper({})), '[^A-Z]', '', 'g')"
_CITIZENSHIP = f"""
    select rows.release_id, rows.source_file, rows.source_sheet, rows.source_row,
        cast(null as varchar) as source_column, 1 as counted
    from picked
    inner join removals as rows
        on rows.month = picked.month and rows.population = picked.population
        and coalesce(rows.citizenship_iso, '') = picked.citizenship_iso
    left join (
        select {_LETTERS.format("name")} as letters, min(iso) as iso
        from countries where iso is not null group by letters
    ) as codes on codes.letters = {_LETTERS.format("rows.departure_country")}
    where coalesce(codes.iso, '') = picked.departure_iso"""


def _offenses(where: str) -> str:
    return f"""
    select rows.release_id, rows.source_file, rows.source_sheet, rows.source_row,
        cast(null as varchar) as source_column, 1 as counted
    from picked
    inner join removals as rows on rows.fiscal_year = picked.fiscal_year and rows.population = picked.population
    left join removals_by_offense as levels
        on levels.fiscal_year = rows.fiscal_year and levels.population = rows.population
        and levels.msc_code = coalesce(rows.msc_code, '')
    where rows.convicted and {where}"""


@cache
def queries() -> dict[str, dict[str, str]]:
    """Mart -> figure -> its query."""
    found = {table: {figure: _split(table, figure) for figure in figures} for table, (_, _, figures) in _SPLITS.items()}
    subsets = {
        "removals": "'all'",
        **{name: f"'{name}'" for name in ("convicted", "not_convicted", "level1", "detainer_linked")},
    }
    same = "picked.population"
    found["monthly_removals"] = {"removals": _month(same, "picked.subset")}
    found["removals_by_month"] = {
        name: _month(same, subset, f"picked.{name} is not null") for name, subset in subsets.items()
    }
    found["removals_by_source"] = {
        "all_ice": _month("'ice'", "'all'"),
        "sc": _month("'sc'", "'all'"),
        "sc_detainer_linked": _month("'sc'", "'detainer_linked'"),
    }
    found["convictions"] = {
        "any_offense": _month(same, "'convicted'"),
        "level1": _month(same, "'level1'"),
        "any_offense_12m": twelve_months("'convicted'", held="average_12m"),
        "level1_12m": twelve_months("'level1'", held="average_12m"),
    }
    averages = ("average_12m", "average_12m_low")
    found["running_averages"] = {
        "removals": _month(same, "picked.subset"),
        **{name: twelve_months("picked.subset") for name in averages},
    }
    shared = {"detainer_linked": (same, "'detainer_linked'"), "removals": (same, "'all'"), "ice": ("'ice'", "'all'")}
    found["detainer_shares"] = {name: _span(*of) for name, of in shared.items()}
    found["detainer_shares"] |= dict.fromkeys(("share", "share_low"), found["detainer_shares"]["detainer_linked"])
    found["detainer_shares"]["linked_within_365_days"] = _linked("rows.days_to_departure <= 365")
    found["biometric_match_proxy"] |= {
        "removals": _month(same, "'all'"),
        "detainer_linked": _month(same, "'detainer_linked'"),
    }
    found["removals_by_citizenship"] = {"removals": _CITIZENSHIP}
    found["traffic_and_immigration"] = {
        "convicted": _offenses("true"),
        "traffic": _offenses(_TRAFFIC),
        "immigration": _offenses("levels.offense_family = 'Immigration'"),
        "without_code": _offenses("rows.msc_code is null"),
    }
    found["yearly_comparison"] = {"published": _PRINTED_YEAR, "computed_low": _YEAR}
    found["yearly_comparison_by_release"] = {
        "published": _PRINTED_YEAR,
        "computed_low": _of_release("release_id", "'all'", "fiscal_year"),
    }
    found["release_revisions"] = {
        "older": _of_release("older_release", "picked.subset", "month"),
        "newer": _of_release("newer_release", "picked.subset", "month"),
    }
    found["revisions_by_group"] = {"older": _group("older_release"), "newer": _group("newer_release")}
    found["revised_rows"] = {"removals": _REVISED}
    return {**found, **of_text.queries()}


def _linked(where: str) -> str:
    return f"""
    select rows.release_id, rows.source_file, rows.source_sheet, rows.source_row,
        cast(null as varchar) as source_column, 1 as counted
    from picked
    inner join share_spans as spans
        on spans.span = picked.span and spans.population = picked.population and spans.last_month = picked.month
    inner join detainer_linked_removals as rows
        on rows.population = spans.population and rows.month = spans.month
    where picked.linked_within_365_days is not null and {where}"""

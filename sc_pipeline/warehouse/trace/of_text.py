"""A figure of the report's text, a claim or a comparison -> the SQL that lists what is behind it, as in behind.py."""

from sc_pipeline.warehouse.trace.listing import OF_SUBSET, months_listed, twelve_months

_NUMBERED = "months.removals is not null and months.population = asked.population and months.subset = asked.subset"
_ASKED = "picked inner join figures as asked on asked.figure = picked.figure"
# Of a total every month that has a number; of a change the last month less the first; of a share those with a detainer.
_OF_COUNTS = months_listed(f"""
    select months.month, months.population, months.subset,
        case when asked.kind = 'change' and months.month = picked.first_month then -1 else 1 end as times
    from {_ASKED}
    inner join monthly_removals as months on {_NUMBERED}
        and months.month between picked.first_month and picked.last_month
    left join share_months as shared
        on shared.month = months.month and shared.population = 'sc' and shared.ice is not null
    where asked.measure = 'removals' and picked.value is not null
        and (asked.kind <> 'change' or months.month in (picked.first_month, picked.last_month))
        and (asked.span <> 'shared_months' or shared.month is not null)
        and (asked.kind not like 'share%' or exists (
            select 1 from share_months as held where held.month = months.month and held.population = asked.population
        ))""")


def _average(month: str, sign: str) -> str:
    ends = f"""select asked.population, asked.subset, picked.{month} as month
        from {_ASKED} where asked.measure = 'average_12m' and picked.value is not null
        and (asked.kind = 'change' or '{month}' = 'last_month')"""
    return f"""select release_id, source_file, source_sheet, source_row, source_column, {sign}counted as counted
        from ({twelve_months("picked.subset", f"({ends}) as picked")}) as averaged"""


_HEADLINE = " union all ".join([_OF_COUNTS, _average("last_month", ""), _average("first_month", "-")])
_TOUCHED = """(extract(year from picked.last_day) - extract(year from picked.first_day)) * 12
    + extract(month from picked.last_day) - extract(month from picked.first_day) + 1"""
_CLAIM = (
    """(
    select picked.*, claims.population, claims.subset, (
        select count(*) from monthly_removals as held
        where held.population = claims.population and held.subset = claims.subset and held.origin = 'records'
            and held.status in ('reported', 'at_least')
            and held.month <= picked.last_day and last_day(held.month) >= picked.first_day
    ) = """
    + _TOUCHED
    + """ as is_by_day
    from picked inner join claims on claims.claim_id = picked.claim_id
)"""
)
_DAYS = f"""
    select rows.release_id, rows.source_file, rows.source_sheet, rows.source_row,
        cast(null as varchar) as source_column, 1 as counted
    from {_CLAIM} as picked
    inner join removals as rows
        on rows.population = picked.population and rows.departed_date between picked.first_day and picked.last_day
    where picked.is_by_day and {OF_SUBSET}
    union all
    select rows.release_id, rows.source_file, rows.source_sheet, rows.source_row,
        cast(null as varchar) as source_column, 1 as counted
    from {_CLAIM} as picked
    inner join detainers as rows
        on rows.detainer_prepare_date <= picked.last_day
        and rows.detainer_prepare_date >= coalesce(picked.first_day, rows.detainer_prepare_date)
    where picked.subset = 'detainers'"""
_INSIDE = months_listed(f"""
    select months.month, months.population, months.subset, 1 as times
    from {_CLAIM} as picked
    inner join monthly_removals as months
        on months.population = picked.population and months.subset = picked.subset and months.removals is not null
        and months.month >= picked.first_day and last_day(months.month) <= picked.last_day
    where not picked.is_by_day""")
# The cell is named by table, month and column, and by its place where two cells have one name.
_CELL_ON = """cells.release_id = picked.publication and starts_with(picked.cell, concat(
        cells.table_name, ', ', substr(cast(cells.month as varchar), 1, 7), ', ', cells.source_column))
    and (not contains(picked.cell, ' row ') or ends_with(picked.cell, concat(
        cells.source_file, ' row ', cells.source_row)))
    and cells.value = picked.published"""
_CELL = f"""
    select cells.release_id, cells.source_file, cells.source_sheet, cells.source_row, cells.source_column,
        cells.value as counted
    from picked inner join published_counts as cells on {_CELL_ON}"""
_CELLS = f"""(select distinct cells.month, cells.population, cells.subset, cells.measure
    from picked inner join published_counts as cells on {_CELL_ON} where picked.computed_low is not null)"""
_CELL_MONTHS = f"select month, population, subset, 1 as times from {_CELLS} where measure = 'removals'"
_COMPUTED = f"""{months_listed(_CELL_MONTHS)}
    union all
    {twelve_months("picked.subset", f"(select * from {_CELLS} where measure = 'average_12m') as picked")}"""


def queries() -> dict[str, dict[str, str]]:
    """Table -> figure -> its query."""
    return {
        "headline_figures": {"value": _HEADLINE},
        "claim_checks": {"observed_low": f"{_DAYS} union all {_INSIDE}"},
        "published_comparison": {"published": _CELL, "computed_low": _COMPUTED},
    }

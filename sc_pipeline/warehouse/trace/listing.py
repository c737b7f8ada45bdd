"""The pieces of a query that lists what is behind a figure: rows of a table, months of a series, an average."""

# What makes a row one of the subset that `picked` names.
OF_SUBSET = """case picked.subset
    when 'all' then true
    when 'convicted' then rows.convicted
    when 'not_convicted' then not rows.convicted
    when 'level1' then rows.level1
    else rows.detainer_linked
end"""


def rows_listed(rows: str, on: str, where: str) -> str:
    """The rows of a table, each counted once."""
    return f"""
        select rows.release_id, rows.source_file, rows.source_sheet, rows.source_row,
            cast(null as varchar) as source_column, 1 as counted
        from picked inner join {rows} as rows on {on}
        where {where}"""


def months_listed(months: str) -> str:
    """The rows of monthly figures: `months` gives month, population, subset, and how often each counts."""
    return f"""
        select listed.release_id, listed.source_file, listed.source_sheet, listed.source_row, listed.source_column,
            listed.removals * asked.times as counted
        from ({months}) as asked,
            lateral (select * from trace(asked.month, asked.population, asked.subset)) as listed"""


def twelve_months(subset: str, picked: str = "picked", held: str = "average_12m_low") -> str:
    """The twelve months of an average where `held` has a number, else the printed average."""
    return f"""{
        months_listed(f'''
        select months.month, months.population, months.subset, 1 as times
        from {picked}
        inner join running_averages as averages
            on averages.month = picked.month and averages.population = picked.population
            and averages.subset = {subset} and averages.{held} is not null
        inner join running_averages as months
            on months.population = picked.population and months.subset = {subset}
            and months.month between picked.month - interval 11 month and picked.month
    ''')
    }
        union all
        select cells.release_id, cells.source_file, cells.source_sheet, cells.source_row, cells.source_column,
            cells.value as counted
        from {picked}
        inner join printed_averages as printed
            on printed.month = picked.month and printed.population = picked.population and printed.subset = {subset}
        inner join published_counts as cells
            on cells.release_id = printed.release_id and cells.month = printed.month
            and cells.population = printed.population and cells.subset = printed.subset
            and cells.measure = 'average_12m'
        left join running_averages as averages
            on averages.month = picked.month and averages.population = picked.population
            and averages.subset = {subset} and averages.{held} is not null
        where averages.month is null"""

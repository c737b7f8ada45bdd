-- The source rows (or the printed cell) behind one figure of monthly_removals: a macro of the published file.
-- `asked` has no FROM, so that what the macro is given cannot be taken for a column of the tables inside it.
create or replace macro trace(month, population, subset) as table
with asked as (
    select
        cast(date_trunc('month', cast(rpad(cast(month as varchar), 10, '-01') as date)) as date) as month_asked,
        population as population_asked,
        subset as subset_asked
)
select
    rows.release_id,
    rows.source_file,
    rows.source_sheet,
    rows.source_row,
    cast(null as varchar) as source_column,
    rows.departed_date,
    cast(1 as bigint) as removals
from asked
inner join main.monthly_removals as figures
    on figures.month = asked.month_asked
    and figures.population = asked.population_asked
    and figures.subset = asked.subset_asked
inner join main.removals as rows
    on rows.month = figures.month
    and rows.population = figures.population
    and rows.release_id = figures.release_id
left join main.detainer_linked_removals as links
    on links.release_id = rows.release_id
    and links.source_file = rows.source_file
    and links.source_sheet is not distinct from rows.source_sheet
    and links.source_row = rows.source_row
where figures.origin = 'records'
    and figures.removals is not null
    and case figures.subset
        when 'convicted' then coalesce(rows.convicted, false)
        when 'level1' then coalesce(rows.conviction_level = 1, false)
        when 'detainer_linked' then links.release_id is not null
        else true
    end
union all
select
    cells.release_id,
    cells.source_file,
    cells.source_sheet,
    cells.source_row,
    cells.source_column,
    cast(null as date) as departed_date,
    cells.value as removals
from asked
inner join main.monthly_removals as figures
    on figures.month = asked.month_asked
    and figures.population = asked.population_asked
    and figures.subset = asked.subset_asked
inner join core.published_counts as cells
    on cells.month = figures.month
    and cells.population = figures.population
    and cells.subset = figures.subset
    and cells.release_id = figures.release_id
    and cells.measure = 'removals'
where figures.origin = 'published'
order by 1, 2, 3, 4

-- The removals not in use: of months that another release serves, or none.
-- by release: true
-- picks rows of: removals_by_release
with served_months as (
    select
        release_id,
        population,
        month
    from month_sources
    where origin = 'records'
)
select removals.*
from removals_by_release as removals
left join served_months as served
    on served.release_id = removals.release_id
    and served.population = removals.population
    and served.month = removals.month
where served.month is null
order by
    removals.release_id,
    removals.source_file,
    removals.source_sheet,
    removals.source_row

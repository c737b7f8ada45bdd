-- A monthly count from records is the number of removals in use in that month.
-- table: monthly_removals
-- blocking: true
with row_counts as (
    select
        population,
        month,
        count(*) as rows_in_use
    from removals
    group by
        population,
        month
)
select
    monthly.month,
    monthly.population,
    monthly.removals,
    row_counts.rows_in_use
from monthly_removals as monthly
left join row_counts
    on row_counts.population = monthly.population
    and row_counts.month = monthly.month
where monthly.subset = 'all'
    and monthly.origin = 'records'
    and monthly.removals <> coalesce(row_counts.rows_in_use, 0)
order by
    monthly.month,
    monthly.population

-- A monthly count from records is the number of removals in use in that month, of each subset that has rows of its own.
-- table: monthly_removals
-- blocking: true
with subset_rows as (
    select 'all' as subset, population, month from removals
    union all
    select 'convicted' as subset, population, month from removals where convicted
    union all
    select 'level1' as subset, population, month from level1_removals
    union all
    select 'detainer_linked' as subset, population, month from detainer_linked_removals
),
row_counts as (
    select
        subset,
        population,
        month,
        count(*) as rows_in_use
    from subset_rows
    group by
        subset,
        population,
        month
)
select
    monthly.month,
    monthly.population,
    monthly.subset,
    monthly.removals,
    row_counts.rows_in_use
from monthly_removals as monthly
left join row_counts
    on row_counts.subset = monthly.subset
    and row_counts.population = monthly.population
    and row_counts.month = monthly.month
where monthly.origin = 'records'
    and monthly.removals <> coalesce(row_counts.rows_in_use, 0)
order by
    monthly.month,
    monthly.population,
    monthly.subset

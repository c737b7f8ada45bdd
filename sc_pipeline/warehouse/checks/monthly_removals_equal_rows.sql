-- A monthly count from records is the number of removals in use in that month that are in the subset.
-- table: monthly_removals
-- blocking: true
with subsets as (
    select * from (values ('all'), ('convicted'), ('not_convicted'), ('level1'), ('detainer_linked')) as listed (subset)
),
row_counts as (
    select
        subsets.subset,
        removals.population,
        removals.month,
        count(*) filter (where case subsets.subset
            when 'all' then true
            when 'convicted' then removals.convicted
            when 'not_convicted' then not removals.convicted
            when 'level1' then removals.level1
            else removals.detainer_linked
        end) as rows_in_use
    from removals
    cross join subsets
    group by
        subsets.subset,
        removals.population,
        removals.month
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

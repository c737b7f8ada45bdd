-- Removals per month, subset and county of apprehension, from the records in use.
with subset_rows as (
    select population, month, 'all' as subset, state, county_fips, county
    from removals
    union all
    select population, month, 'convicted' as subset, state, county_fips, county
    from removals
    where convicted
    union all
    select population, month, 'level1' as subset, state, county_fips, county
    from level1_removals
    union all
    select population, month, 'detainer_linked' as subset, state, county_fips, county
    from detainer_linked_removals
),
counted_series as (
    -- A subset that the serving release withholds in a month has no places either.
    select
        sources.population,
        sources.month,
        release_months.subset
    from month_sources as sources
    inner join release_months
        on release_months.release_id = sources.release_id
        and release_months.origin = sources.origin
        and release_months.population = sources.population
        and release_months.month = sources.month
    where sources.origin = 'records'
        and release_months.status in ('reported', 'partial')
)
select
    subset_rows.month,
    subset_rows.population,
    subset_rows.subset,
    subset_rows.state,
    subset_rows.county_fips,
    min(subset_rows.county) filter (where subset_rows.county_fips is not null) as county,
    count(*) as removals
from subset_rows
inner join counted_series
    on counted_series.population = subset_rows.population
    and counted_series.month = subset_rows.month
    and counted_series.subset = subset_rows.subset
group by
    subset_rows.month,
    subset_rows.population,
    subset_rows.subset,
    subset_rows.state,
    subset_rows.county_fips
order by
    subset_rows.month,
    subset_rows.population,
    subset_rows.subset,
    subset_rows.state nulls last,
    subset_rows.county_fips nulls last

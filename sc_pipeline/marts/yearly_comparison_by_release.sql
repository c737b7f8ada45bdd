-- Every printed fiscal-year total beside the sum of each release's own months, whichever release serves them.
with printed_years as (
    select
        published_years.release_id as publication,
        published_years.population,
        published_years.fiscal_year,
        max(published_years.value) as published
    from published_years
    inner join releases
        on releases.release_id = published_years.release_id
        and releases.status in ('ready', 'kept')
    where published_years.subset = 'all'
        and published_years.status = 'reported'
    group by
        published_years.release_id,
        published_years.population,
        published_years.fiscal_year
),
computed_years as (
    -- Fiscal year N runs from October N-1 to September N.
    select
        release_id,
        population,
        extract(year from month + interval 3 month) as fiscal_year,
        sum(removals) as computed_low,
        sum(removals + undetermined) as computed_high,
        count(removals) as months_held,
        count(*) filter (where status in ('reported', 'at_least')) as months_whole
    from release_months
    where subset = 'all'
    group by
        release_id,
        population,
        extract(year from month + interval 3 month)
),
pairs as (
    -- The upper bound holds only where every month of the year is counted in full.
    select
        printed.fiscal_year,
        printed.population,
        printed.publication,
        computed.release_id,
        printed.published,
        cast(computed.computed_low as bigint) as computed_low,
        cast(case when computed.months_whole = 12 then computed.computed_high end as bigint) as computed_high,
        computed.months_held
    from printed_years as printed
    inner join computed_years as computed
        on computed.population = printed.population
        and computed.fiscal_year = printed.fiscal_year
    where computed.months_held > 0
)
select
    fiscal_year,
    population,
    publication,
    release_id,
    published,
    computed_low,
    computed_high,
    months_held,
    computed_low - published as difference,
    case
        when computed_low > published or computed_high < published then 'differs'
        when computed_low is null or computed_high is null then 'not_computable'
        when computed_low < computed_high then 'within'
        else 'same'
    end as verdict
from pairs
order by
    fiscal_year,
    population,
    publication,
    release_id

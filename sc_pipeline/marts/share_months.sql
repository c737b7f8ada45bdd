-- The months that have both a count with a prior detainer and its population, in one row each: what shares are made of.
with linked as (
    select
        monthly.month,
        monthly.population,
        monthly.removals,
        monthly.undetermined,
        monthly.origin,
        facts.rows_total,
        facts.rows_with_id,
        facts.detainers_total,
        facts.detainers_with_id
    from monthly_removals as monthly
    inner join release_months as facts
        on facts.release_id = monthly.release_id
        and facts.origin = monthly.origin
        and facts.population = monthly.population
        and facts.month = monthly.month
        and facts.subset = monthly.subset
    where monthly.subset = 'detainer_linked'
        and monthly.removals is not null
),
totals as (
    select month, population, removals, origin
    from monthly_removals
    where subset = 'all'
        and removals is not null
)
select
    linked.month,
    linked.population,
    extract(year from linked.month) * 12 + extract(month from linked.month) as month_number,
    row_number() over (partition by linked.population order by linked.month desc) as months_from_last,
    linked.removals as detainer_linked,
    linked.undetermined,
    totals.removals,
    ice.removals as ice,
    linked.rows_total,
    linked.rows_with_id,
    linked.detainers_total,
    linked.detainers_with_id,
    linked.origin = 'published' or totals.origin = 'published' as is_published,
    coalesce(ice.origin = 'published', false) as is_ice_published
from linked
inner join totals
    on totals.month = linked.month
    and totals.population = linked.population
left join totals as ice
    on ice.month = linked.month
    and ice.population = 'ice'
order by
    linked.population,
    linked.month

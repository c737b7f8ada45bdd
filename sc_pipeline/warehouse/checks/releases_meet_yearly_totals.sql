-- No release that holds a whole fiscal year is more than a twentieth away from a printed total of it.
-- table: yearly_comparison_by_release
-- blocking: false
with spans as (
    select
        release_id,
        population,
        min(month) as first_month,
        max(month) as last_month
    from release_months
    where subset = 'all'
        and removals is not null
    group by
        release_id,
        population
)
select
    years.release_id,
    years.fiscal_year,
    years.population,
    years.publication,
    years.published,
    years.computed_low,
    years.months_held
from yearly_comparison_by_release as years
inner join spans
    on spans.release_id = years.release_id
    and spans.population = years.population
where extract(year from spans.first_month + interval 2 month) < years.fiscal_year
    and extract(year from spans.last_month + interval 4 month) > years.fiscal_year
    and (
        years.computed_low > years.published * 1.05
        or coalesce(years.computed_high, years.computed_low) < years.published * 0.95
    )
order by
    years.release_id,
    years.fiscal_year,
    years.population,
    years.publication

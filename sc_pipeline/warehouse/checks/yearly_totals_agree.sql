-- No printed fiscal-year total is more than a twentieth away from the sum of its months, and no ended year lacks months.
-- table: yearly_comparison
-- blocking: false
with last_months as (
    select
        population,
        max(month) as last_month
    from monthly_removals
    where subset = 'all'
        and removals is not null
    group by population
)
select
    years.fiscal_year,
    years.population,
    years.publication,
    years.published,
    years.computed_low,
    years.computed_high,
    years.months_held
from yearly_comparison as years
inner join last_months on last_months.population = years.population
where years.months_held > 0
    and (
        years.computed_low > years.published * 1.05
        or years.computed_high < years.published * 0.95
        or (
            years.computed_high is null
            and years.computed_low < years.published * 0.95
            and extract(year from last_months.last_month + interval 3 month) > years.fiscal_year
        )
    )
order by
    years.fiscal_year,
    years.population,
    years.publication

-- No month is missing between the first and the last of a population.
-- table: monthly_removals
-- blocking: false
with numbered_months as (
    select
        population,
        month,
        extract(year from month) * 12 + extract(month from month) as month_number
    from monthly_removals
    where subset = 'all'
),
gaps as (
    select
        population,
        month as next_month,
        month_number - lag(month_number) over (partition by population order by month_number) - 1 as months_missing
    from numbered_months
)
select
    population,
    next_month,
    months_missing
from gaps
where months_missing > 0
order by
    population,
    next_month

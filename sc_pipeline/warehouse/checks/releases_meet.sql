-- No month is missing between the last month of one release and the first of the next.
-- table: monthly_removals
-- blocking: note
with numbered_months as (
    select
        population,
        month,
        release_id,
        extract(year from month) * 12 + extract(month from month) as month_number
    from monthly_removals
    where subset = 'all'
),
gaps as (
    select
        population,
        month as next_month,
        release_id,
        lag(release_id) over (partition by population order by month_number) as release_before,
        month_number - lag(month_number) over (partition by population order by month_number) - 1 as months_missing
    from numbered_months
)
select
    population,
    release_before,
    release_id,
    next_month,
    months_missing
from gaps
where months_missing > 0
    and release_before <> release_id
order by
    population,
    next_month

-- The mean of each month and the eleven before it, for every monthly series.
with numbered_months as (
    -- Only whole months count; the month number lets a gap in the rows show as a gap in time.
    select
        month,
        population,
        subset,
        removals,
        case when status = 'reported' then removals end as reported,
        extract(year from month) * 12 + extract(month from month) as month_number
    from monthly_removals
),
sums as (
    select
        month,
        population,
        subset,
        removals,
        sum(reported) over (
            partition by population, subset
            order by month_number
            range between 11 preceding and current row
        ) as sum_12m,
        count(reported) over (
            partition by population, subset
            order by month_number
            range between 11 preceding and current row
        ) as months_in_window
    from numbered_months
)
select
    month,
    population,
    subset,
    removals,
    case when months_in_window = 12 then cast(sum_12m as double) / 12 end as average_12m,
    months_in_window
from sums
order by
    month,
    population,
    subset

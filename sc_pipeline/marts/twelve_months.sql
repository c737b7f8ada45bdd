-- Each month of every series with the sums over it and the eleven months before: the one home of that window.
with numbered_months as (
    -- The month number lets a gap in the rows show as a gap in time.
    select
        month,
        population,
        subset,
        removals,
        case when removals is not null then undetermined end as undetermined,
        case when origin = 'published' then 1 else 0 end as is_published,
        case when level_basis <> 'as_published' then level_basis end as level_basis,
        extract(year from month) * 12 + extract(month from month) as month_number
    from monthly_removals
),
sums as (
    select
        month,
        population,
        subset,
        removals,
        sum(removals) over (
            partition by population, subset
            order by month_number
            range between 11 preceding and current row
        ) as removals_12m,
        sum(undetermined) over (
            partition by population, subset
            order by month_number
            range between 11 preceding and current row
        ) as undetermined_12m,
        count(removals) over (
            partition by population, subset
            order by month_number
            range between 11 preceding and current row
        ) as months_in_window,
        max(is_published) over (
            partition by population, subset
            order by month_number
            range between 11 preceding and current row
        ) as is_published,
        min(level_basis) over (
            partition by population, subset
            order by month_number
            range between 11 preceding and current row
        ) as first_basis,
        max(level_basis) over (
            partition by population, subset
            order by month_number
            range between 11 preceding and current row
        ) as last_basis
    from numbered_months
)
-- Two definitions of Level 1 never make one average.
select
    month,
    population,
    subset,
    removals,
    cast(removals_12m as bigint) as removals_12m,
    cast(undetermined_12m as bigint) as undetermined_12m,
    months_in_window,
    is_published = 1 as is_published,
    months_in_window = 12 and first_basis is not distinct from last_basis as is_whole
from sums
order by
    month,
    population,
    subset

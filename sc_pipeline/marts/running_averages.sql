-- The mean of each month and the eleven before it, for every monthly series.
with bounds as (
    select
        month,
        population,
        subset,
        removals,
        months_in_window,
        case when is_whole then cast(removals_12m as double) / 12 end as average_12m_low,
        case when is_whole then cast(removals_12m + undetermined_12m as double) / 12 end as average_12m_high
    from twelve_months
)
-- One average is enough where they round to the same printed figure.
select
    month,
    population,
    subset,
    removals,
    case
        when floor(average_12m_low + 0.5) = floor(average_12m_high + 0.5) then average_12m_low
    end as average_12m,
    average_12m_low,
    average_12m_high,
    months_in_window
from bounds
order by
    month,
    population,
    subset

-- Secure Communities removals of people convicted of any, and of a Level 1, offense, with running averages.
with reported_months as (
    select
        averages.month,
        averages.subset,
        case when monthly.status = 'reported' then monthly.removals end as removals,
        -- Printed averages are whole numbers, rounded half up.
        cast(floor(averages.average_12m + 0.5) as bigint) as average_12m
    from running_averages as averages
    inner join monthly_removals as monthly
        on monthly.month = averages.month
        and monthly.population = averages.population
        and monthly.subset = averages.subset
    where averages.population = 'sc'
        and averages.subset in ('convicted', 'level1')
)
select
    month,
    max(case when subset = 'convicted' then removals end) as any_offense,
    max(case when subset = 'level1' then removals end) as level1,
    max(case when subset = 'convicted' then average_12m end) as any_offense_12m,
    max(case when subset = 'level1' then average_12m end) as level1_12m
from reported_months
group by month
order by month

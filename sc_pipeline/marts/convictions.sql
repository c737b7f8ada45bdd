-- Removals of people convicted of any, and of a Level 1, offense, with running averages: computed, else as printed.
with months as (
    select month, population, subset from running_averages
    union
    select month, population, subset from printed_averages
),
series_months as (
    select
        months.month,
        months.population,
        months.subset,
        averages.removals,
        -- Printed averages are whole numbers, rounded half up.
        coalesce(cast(floor(averages.average_12m + 0.5) as bigint), printed.average_12m) as average_12m,
        case
            when averages.average_12m is not null and not twelve.is_published then 'records'
            when averages.average_12m is not null or printed.average_12m is not null then 'published'
        end as origin
    from months
    left join running_averages as averages
        on averages.month = months.month
        and averages.population = months.population
        and averages.subset = months.subset
    left join twelve_months as twelve
        on twelve.month = months.month
        and twelve.population = months.population
        and twelve.subset = months.subset
    left join printed_averages as printed
        on printed.month = months.month
        and printed.population = months.population
        and printed.subset = months.subset
    where months.subset in ('convicted', 'level1')
)
select
    month,
    population,
    max(case when subset = 'convicted' then removals end) as any_offense,
    max(case when subset = 'level1' then removals end) as level1,
    max(case when subset = 'convicted' then average_12m end) as any_offense_12m,
    max(case when subset = 'level1' then average_12m end) as level1_12m,
    max(case when subset = 'convicted' then origin end) as any_offense_12m_origin,
    max(case when subset = 'level1' then origin end) as level1_12m_origin
from series_months
group by
    month,
    population
order by
    month,
    population

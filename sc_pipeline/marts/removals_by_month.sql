-- Removals per month and population: one row, every subset beside the others, each with its status.
with wide_months as (
    select
        month,
        population,
        max(case when subset = 'all' then removals end) as removals,
        max(case when subset = 'all' then undetermined end) as removals_undetermined,
        max(case when subset = 'all' then status end) as removals_status,
        max(case when subset = 'convicted' then removals end) as convicted,
        max(case when subset = 'convicted' then undetermined end) as convicted_undetermined,
        max(case when subset = 'convicted' then status end) as convicted_status,
        max(case when subset = 'not_convicted' then removals end) as not_convicted,
        max(case when subset = 'not_convicted' then undetermined end) as not_convicted_undetermined,
        max(case when subset = 'not_convicted' then status end) as not_convicted_status,
        max(case when subset = 'level1' then removals end) as level1,
        max(case when subset = 'level1' then undetermined end) as level1_undetermined,
        max(case when subset = 'level1' then status end) as level1_status,
        max(case when subset = 'detainer_linked' then removals end) as detainer_linked,
        max(case when subset = 'detainer_linked' then undetermined end) as detainer_linked_undetermined,
        max(case when subset = 'detainer_linked' then status end) as detainer_linked_status
    from monthly_removals
    group by
        month,
        population
)
-- A month that has a source without such a figure says so; no count becomes a zero.
select
    month,
    population,
    extract(year from month + interval 3 month) as fiscal_year,
    removals,
    removals_undetermined,
    coalesce(removals_status, 'not_in_release') as removals_status,
    convicted,
    convicted_undetermined,
    coalesce(convicted_status, 'not_in_release') as convicted_status,
    not_convicted,
    not_convicted_undetermined,
    coalesce(not_convicted_status, 'not_in_release') as not_convicted_status,
    level1,
    level1_undetermined,
    coalesce(level1_status, 'not_in_release') as level1_status,
    detainer_linked,
    detainer_linked_undetermined,
    coalesce(detainer_linked_status, 'not_in_release') as detainer_linked_status
from wide_months
order by
    month,
    population

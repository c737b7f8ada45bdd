-- Of each month counted from records: each subset's status and whether it has a number, in the release that serves it.
select
    sources.population,
    sources.month,
    max(case when figures.subset = 'all' then figures.status end) as removals_status,
    bool_or(figures.subset = 'all' and figures.removals is not null) as has_removals,
    max(case when figures.subset = 'convicted' then figures.status end) as convicted_status,
    bool_or(figures.subset = 'convicted' and figures.removals is not null) as has_convicted,
    max(case when figures.subset = 'not_convicted' then figures.status end) as not_convicted_status,
    bool_or(figures.subset = 'not_convicted' and figures.removals is not null) as has_not_convicted,
    max(case when figures.subset = 'level1' then figures.status end) as level1_status,
    bool_or(figures.subset = 'level1' and figures.removals is not null) as has_level1,
    max(case when figures.subset = 'detainer_linked' then figures.status end) as detainer_linked_status,
    bool_or(figures.subset = 'detainer_linked' and figures.removals is not null) as has_detainer_linked,
    -- Detainers without an identifier belong to no place: each may add one there, as in the month as a whole.
    coalesce(max(figures.perhaps_joined), 0) as perhaps_joined
from month_sources as sources
inner join release_months as figures
    on figures.release_id = sources.release_id
    and figures.origin = sources.origin
    and figures.population = sources.population
    and figures.month = sources.month
where sources.origin = 'records'
group by
    sources.population,
    sources.month
order by
    sources.population,
    sources.month

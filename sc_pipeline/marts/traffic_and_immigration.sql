-- Removals of people known to be convicted, per fiscal year: whose most serious conviction is a traffic or an immigration
-- offense by its NCIC code.
select
    fiscal_year,
    population,
    cast(sum(removals) as bigint) as convicted,
    cast(coalesce(sum(removals) filter (where offense_family in ('Traffic offenses', 'Hit and run')), 0) as bigint)
        as traffic,
    cast(coalesce(sum(removals) filter (where offense_family = 'Immigration'), 0) as bigint) as immigration,
    cast(coalesce(sum(removals) filter (where msc_code = ''), 0) as bigint) as without_code,
    -- Of the convictions whose code is known.
    cast(coalesce(sum(removals) filter (where offense_family in ('Traffic offenses', 'Hit and run')), 0) as double)
        / nullif(sum(removals) filter (where msc_code <> ''), 0) as traffic_share,
    cast(coalesce(sum(removals) filter (where offense_family = 'Immigration'), 0) as double)
        / nullif(sum(removals) filter (where msc_code <> ''), 0) as immigration_share
from removals_by_offense
group by
    fiscal_year,
    population
order by
    fiscal_year,
    population

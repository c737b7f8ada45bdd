-- Removals per month and ICE area of responsibility (AOR), every subset beside the others, each with its status.
with areas as (
    select
        month,
        population,
        coalesce(aor, '') as aor,
        count(*) as removals,
        count(*) filter (where convicted) as convicted,
        count(*) filter (where convicted is null) as convicted_unknown,
        count(*) filter (where not convicted) as not_convicted,
        count(*) filter (where level1) as level1,
        count(*) filter (where level1 is null) as level1_unknown,
        count(*) filter (where detainer_linked) as detainer_linked,
        count(*) filter (where detainer_linked is null) as linked_unknown,
        count(*) filter (where not detainer_linked) as unmatched
    from removals
    group by
        month,
        population,
        coalesce(aor, '')
)
-- A subset that is silent in the month is silent in each of these too. The statuses are the month's own: a zero is
-- certain only where the month's figure is reported.
select
    areas.month,
    areas.population,
    areas.aor,
    extract(year from areas.month + interval 3 month) as fiscal_year,
    areas.removals,
    0 as removals_undetermined,
    served.removals_status,
    case when served.has_convicted then areas.convicted end as convicted,
    areas.convicted_unknown as convicted_undetermined,
    served.convicted_status,
    case when served.has_not_convicted then areas.not_convicted end as not_convicted,
    areas.convicted_unknown as not_convicted_undetermined,
    served.not_convicted_status,
    case when served.has_level1 then areas.level1 end as level1,
    areas.level1_unknown as level1_undetermined,
    served.level1_status,
    case when served.has_detainer_linked then areas.detainer_linked end as detainer_linked,
    areas.linked_unknown + least(areas.unmatched, served.perhaps_joined) as detainer_linked_undetermined,
    served.detainer_linked_status
from areas
inner join served_months as served
    on served.population = areas.population
    and served.month = areas.month
order by
    areas.month,
    areas.population,
    areas.aor

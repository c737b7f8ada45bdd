-- Removals per month by the kind of departure; an empty kind where the record does not show it.
select
    removals.month,
    removals.population,
    coalesce(removals.departure_kind, '') as departure_kind,
    count(*) as removals,
    served.removals_status as status
from removals
inner join served_months as served
    on served.population = removals.population
    and served.month = removals.month
group by
    removals.month,
    removals.population,
    coalesce(removals.departure_kind, ''),
    served.removals_status
order by
    removals.month,
    removals.population,
    departure_kind

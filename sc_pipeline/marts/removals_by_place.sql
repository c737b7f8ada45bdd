-- Removals per month and county of the records in use, every subset beside the others, each with its status.
with places as (
    select
        month,
        population,
        coalesce(state, '') as state,
        coalesce(county_fips, '') as county_fips,
        min(county) filter (where county_fips is not null) as county,
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
        coalesce(state, ''),
        coalesce(county_fips, '')
)
-- A subset that is silent in the month is silent in each of these too. The statuses are the month's own: a zero is
-- certain only where the month's figure is reported.
select
    places.month,
    places.population,
    places.state,
    places.county_fips,
    places.county,
    extract(year from places.month + interval 3 month) as fiscal_year,
    places.removals,
    0 as removals_undetermined,
    served.removals_status,
    case when served.has_convicted then places.convicted end as convicted,
    places.convicted_unknown as convicted_undetermined,
    served.convicted_status,
    case when served.has_not_convicted then places.not_convicted end as not_convicted,
    places.convicted_unknown as not_convicted_undetermined,
    served.not_convicted_status,
    case when served.has_level1 then places.level1 end as level1,
    places.level1_unknown as level1_undetermined,
    served.level1_status,
    case when served.has_detainer_linked then places.detainer_linked end as detainer_linked,
    places.linked_unknown + least(places.unmatched, served.perhaps_joined) as detainer_linked_undetermined,
    served.detainer_linked_status
from places
inner join served_months as served
    on served.population = places.population
    and served.month = places.month
order by
    places.month,
    places.population,
    places.state,
    places.county_fips

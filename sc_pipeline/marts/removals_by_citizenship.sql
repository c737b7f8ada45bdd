-- Removals per month by country of citizenship and of departure, by ISO code; an empty code where a name has none.
with codes as (
    -- A name is found by its letters alone, in capitals and without accents.
    select
        regexp_replace(strip_accents(upper(name)), '[^A-Z]', '', 'g') as letters,
        min(iso) as iso
    from countries
    where iso is not null
    group by regexp_replace(strip_accents(upper(name)), '[^A-Z]', '', 'g')
),
located as (
    select
        removals.month,
        removals.population,
        coalesce(removals.citizenship_iso, '') as citizenship_iso,
        coalesce(codes.iso, '') as departure_iso,
        removals.citizenship_country,
        removals.departure_country
    from removals
    left join codes on codes.letters = regexp_replace(strip_accents(upper(removals.departure_country)), '[^A-Z]', '', 'g')
)
select
    month,
    population,
    citizenship_iso,
    departure_iso,
    min(citizenship_country) filter (where citizenship_iso <> '') as citizenship_country,
    min(departure_country) filter (where departure_iso <> '') as departure_country,
    count(*) as removals,
    -- Unknown where either country is.
    case when citizenship_iso <> '' and departure_iso <> '' then citizenship_iso <> departure_iso end as third_country
from located
group by
    month,
    population,
    citizenship_iso,
    departure_iso
order by
    month,
    population,
    citizenship_iso,
    departure_iso

-- Removals per month by country of citizenship and of departure, by ISO code; an empty code where a name has none.
with names as (
    select name from countries where iso is not null
    union
    select departure_country as name from removals where departure_country is not null
),
spellings as (
    -- A name is found by its letters alone, in capitals and without the accents of Latin letters.
    select
        name,
        regexp_replace(
            translate(
                translate(
                    name,
                    'abcdefghijklmnopqrstuvwxyzÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿ',
                    'ABCDEFGHIJKLMNOPQRSTUVWXYZAAAAAACEEEEIIIINOOOOOUUUUYAAAAAACEEEEIIIINOOOOOUUUUYY'
                ),
                'ĀāĂăĄąĆćĈĉĊċČčĎďĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĨĩĪīĬĭĮįİıĴĵĶķĹĺĻļĽľŃńŅņŇňŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžſ',
                'AAAAAACCCCCCCCDDEEEEEEEEEEGGGGGGGGHHIIIIIIIIIIJJKKLLLLLLNNNNNNOOOOOORRRRRRSSSSSSSSTTTTUUUUUUUUUUUUWWYYYZZZZZZS'
            ),
            '[^A-Z]', '', 'g'
        ) as letters
    from names
),
codes as (
    select
        spellings.letters,
        min(countries.iso) as iso
    from countries
    inner join spellings on spellings.name = countries.name
    where countries.iso is not null
    group by spellings.letters
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
    left join spellings on spellings.name = removals.departure_country
    left join codes on codes.letters = spellings.letters
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

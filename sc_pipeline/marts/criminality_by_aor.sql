-- Removals per month and ICE area of responsibility (AOR) by criminality: convicted, pending charges, neither, or unknown.
with judged as (
    -- Who is not convicted has pending charges, or neither, where the record states which.
    select
        month,
        population,
        coalesce(aor, '') as aor,
        case
            when convicted then 'convicted'
            when not convicted and (starts_with(criminality, '2') or msc_status = 'PENDING') then 'pending'
            when not convicted and starts_with(criminality, '3') then 'neither'
            else 'unknown'
        end as criminality
    from removals
),
counts as (
    select
        month,
        population,
        aor,
        count(*) filter (where criminality = 'convicted') as convicted,
        count(*) filter (where criminality = 'pending') as pending,
        count(*) filter (where criminality = 'neither') as neither,
        count(*) filter (where criminality = 'unknown') as unknown
    from judged
    group by
        month,
        population,
        aor
)
select
    counts.month,
    counts.population,
    counts.aor,
    case when served.has_convicted then counts.convicted end as convicted,
    case when served.has_convicted or served.has_not_convicted then counts.pending end as pending,
    case when served.has_convicted or served.has_not_convicted then counts.neither end as neither,
    counts.unknown,
    served.convicted_status as status
from counts
inner join served_months as served
    on served.population = counts.population
    and served.month = counts.month
order by
    counts.month,
    counts.population,
    counts.aor

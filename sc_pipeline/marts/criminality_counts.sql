-- Removals per month, state and ICE area of responsibility (AOR) by criminality: convicted, pending charges, neither, or unknown.
with judged as (
    -- Who is not convicted has pending charges, or neither, where the record states which.
    select
        month,
        population,
        coalesce(state, '') as state,
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
        state,
        aor,
        count(*) filter (where criminality = 'convicted') as convicted,
        count(*) filter (where criminality = 'pending') as pending,
        count(*) filter (where criminality = 'neither') as neither,
        count(*) filter (where criminality = 'unknown') as unknown
    from judged
    group by
        month,
        population,
        state,
        aor
),
untold as (
    -- Where a month's release has no criminality nobody is known to be without charges, and none to have them pending.
    select
        sources.population,
        sources.month,
        max(case when silences.field = 'criminality' then 1 else 0 end) = 1 as lacks_criminality,
        count(distinct silences.field) = 2 as lacks_both
    from month_sources as sources
    inner join silences
        on silences.release_id = sources.release_id
        and silences.population = sources.population
        and silences.month = sources.month
    where sources.origin = 'records'
        and silences.field in ('criminality', 'msc_status')
    group by
        sources.population,
        sources.month
)
select
    counts.month,
    counts.population,
    counts.state,
    counts.aor,
    case when served.has_convicted then counts.convicted end as convicted,
    case
        when (served.has_convicted or served.has_not_convicted) and not coalesce(untold.lacks_both, false)
            then counts.pending
    end as pending,
    case
        when (served.has_convicted or served.has_not_convicted) and not coalesce(untold.lacks_criminality, false)
            then counts.neither
    end as neither,
    counts.unknown,
    served.convicted_status as status
from counts
inner join served_months as served
    on served.population = counts.population
    and served.month = counts.month
left join untold
    on untold.population = counts.population
    and untold.month = counts.month
order by
    counts.month,
    counts.population,
    counts.state,
    counts.aor

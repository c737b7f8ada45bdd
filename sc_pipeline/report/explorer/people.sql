-- Months by traits of the people removed, without any county. An unknown trait is a value of its own: `?` and, where
-- the whole month says nothing, the reason.
with reasons as (
    select
        release_id,
        population,
        month,
        max(reason) filter (where field = 'state') as state,
        max(reason) filter (where field = 'aor') as aor,
        max(reason) filter (where field = 'citizenship_country') as citizenship,
        max(reason) filter (where field = 'gender') as gender,
        max(reason) filter (where field = 'age_at_removal') as age,
        max(reason) filter (where field = 'criminality') as conviction,
        max(reason) filter (where field = 'processing_disposition') as departure
    from meta.silences
    group by release_id, population, month
),

people as (
    select
        removals.population,
        removals.month,
        coalesce(removals.state, '?' || coalesce(reasons.state, '')) as state,
        coalesce(removals.aor, '?' || coalesce(reasons.aor, '')) as aor,
        coalesce(removals.citizenship_country, '?' || coalesce(reasons.citizenship, '')) as citizenship,
        coalesce(removals.gender, '?' || coalesce(reasons.gender, '')) as gender,
        case
            when removals.age_at_removal is null then '?' || coalesce(reasons.age, '')
            when removals.age_at_removal < 18 then '00-17'
            when removals.age_at_removal < 25 then '18-24'
            when removals.age_at_removal < 35 then '25-34'
            when removals.age_at_removal < 45 then '35-44'
            when removals.age_at_removal < 55 then '45-54'
            when removals.age_at_removal < 65 then '55-64'
            else '65+'
        end as age_group,
        case
            when removals.convicted is null then '?' || coalesce(reasons.conviction, '')
            when not removals.convicted then 'not convicted'
            when removals.level1 is null then 'convicted, level unknown'
            when removals.level1 then 'convicted, Level 1'
            else 'convicted, not Level 1'
        end as conviction,
        coalesce(removals.departure_kind, '?' || coalesce(reasons.departure, '')) as departure_kind
    from removals
    left join reasons
        on removals.release_id = reasons.release_id
        and removals.population = reasons.population
        and removals.month = reasons.month
)

select
    population,
    month,
    state,
    aor,
    citizenship,
    gender,
    age_group,
    conviction,
    departure_kind,
    count(*) as removals,
    cast(0 as bigint) as removals_undetermined,
    'reported' as removals_status
from people
group by population, month, state, aor, citizenship, gender, age_group, conviction, departure_kind

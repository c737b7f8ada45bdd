-- What two releases in succession count of the same months, by area of responsibility and by country of citizenship.
with pairs as (
    select distinct
        population,
        month,
        older_release,
        newer_release
    from release_revisions
    where subset = 'all'
),
told as (
    -- Only where both releases have the column, and it says something in the month.
    select
        release_id,
        month,
        max(case when field = 'aor' and disclosed > 0 then 1 else 0 end) = 1 as has_aor,
        max(case when field = 'citizenship_country' and disclosed > 0 then 1 else 0 end) = 1 as has_citizenship
    from field_disclosure
    where field in ('aor', 'citizenship_country')
    group by
        release_id,
        month
),
grouped as (
    select
        'aor' as dimension,
        release_id,
        population,
        month,
        coalesce(aor, '') as value,
        count(*) as removals
    from removals_by_release
    group by
        release_id,
        population,
        month,
        coalesce(aor, '')
    union all
    select
        'citizenship_iso' as dimension,
        release_id,
        population,
        month,
        coalesce(citizenship_iso, '') as value,
        count(*) as removals
    from removals_by_release
    group by
        release_id,
        population,
        month,
        coalesce(citizenship_iso, '')
),
sides as (
    select
        groups.dimension,
        pairs.population,
        pairs.month,
        groups.value,
        pairs.older_release,
        pairs.newer_release,
        sum(case when groups.release_id = pairs.older_release then groups.removals else 0 end) as older,
        sum(case when groups.release_id = pairs.newer_release then groups.removals else 0 end) as newer
    from pairs
    inner join told as told_older
        on told_older.release_id = pairs.older_release
        and told_older.month = pairs.month
    inner join told as told_newer
        on told_newer.release_id = pairs.newer_release
        and told_newer.month = pairs.month
    inner join grouped as groups
        on groups.population = pairs.population
        and groups.month = pairs.month
        and groups.release_id in (pairs.older_release, pairs.newer_release)
    where (groups.dimension = 'aor' and told_older.has_aor and told_newer.has_aor)
        or (groups.dimension = 'citizenship_iso' and told_older.has_citizenship and told_newer.has_citizenship)
    group by
        groups.dimension,
        pairs.population,
        pairs.month,
        groups.value,
        pairs.older_release,
        pairs.newer_release
)
select
    dimension,
    population,
    month,
    value as group_value,
    older_release,
    newer_release,
    cast(older as bigint) as older,
    cast(newer as bigint) as newer,
    cast(newer - older as bigint) as change
from sides
order by
    dimension,
    population,
    month,
    group_value,
    older_release,
    newer_release

-- What each release tells of each population, month and subset, and whether it can tell it.
with rows_told as (
    select release_id, population, month, 'all' as subset, count(*) as removals, 0 as undetermined
    from removals_by_release
    group by release_id, population, month
    union all
    select release_id, population, month, 'convicted', count(*) filter (where convicted),
        count(*) filter (where convicted is null)
    from removals_by_release
    group by release_id, population, month
    union all
    select release_id, population, month, 'level1', count(*) filter (where level1),
        count(*) filter (where level1 is null)
    from removals_by_release
    group by release_id, population, month
    union all
    select release_id, population, month, 'detainer_linked', count(*) filter (where detainer_linked),
        count(*) filter (where detainer_linked is null)
    from removals_by_release
    group by release_id, population, month
),
row_counts as (
    select release_id, population, month, count(*) as rows_total, count(person_id) as rows_with_id
    from removals_by_release
    group by release_id, population, month
),
reasons as (
    select release_id, population, month, 'convicted' as subset, max(reason) as reason
    from silences
    where field in ('criminality', 'msc_status', 'reported_threat_level', 'msc_code')
    group by release_id, population, month
    union all
    select release_id, population, month, 'level1', max(reason)
    from silences
    where field in ('criminality', 'msc_status', 'reported_threat_level', 'msc_code')
    group by release_id, population, month
    union all
    select release_id, population, month, 'detainer_linked', max(reason)
    from silences
    where field in ('detainer_prepare_date', 'person_id', 'detainers.person_id', 'detainers.detainer_prepare_date')
    group by release_id, population, month
),
record_statuses as (
    select
        rows_told.release_id,
        rows_told.population,
        rows_told.month,
        rows_told.subset,
        rows_told.removals,
        case
            when rows_told.removals + rows_told.undetermined > 0
                and rows_told.undetermined = row_counts.rows_total then coalesce(reasons.reason, 'unreadable')
            when rows_told.undetermined > 0 then 'partial'
            else 'reported'
        end as status,
        'records' as origin,
        row_counts.rows_total,
        row_counts.rows_with_id,
        cast(null as bigint) as rows_joined
    from rows_told
    inner join row_counts
        on row_counts.release_id = rows_told.release_id
        and row_counts.population = rows_told.population
        and row_counts.month = rows_told.month
    left join reasons
        on reasons.release_id = rows_told.release_id
        and reasons.population = rows_told.population
        and reasons.month = rows_told.month
        and reasons.subset = rows_told.subset
),
published_statuses as (
    select
        release_id,
        population,
        month,
        subset,
        max(value) as removals,
        case when max(value) is not null then 'reported' else min(status) end as status,
        'published' as origin,
        cast(null as bigint) as rows_total,
        cast(null as bigint) as rows_with_id,
        cast(null as bigint) as rows_joined
    from published_counts
    where measure = 'removals'
    group by
        release_id,
        population,
        month,
        subset
),
statuses as (
    select * from record_statuses
    union all
    select * from published_statuses
)
select
    release_id,
    population,
    month,
    subset,
    case when status in ('reported', 'partial') then removals end as removals,
    status,
    origin,
    rows_total,
    rows_with_id,
    rows_joined
from statuses
order by
    release_id,
    population,
    month,
    subset,
    origin

-- Which release serves each month of detainers, and why that one.
with limits as (
    select max(value) as late_days
    from constants
    where name = 'late_days'
),
prepared_months as (
    select
        release_id,
        month,
        min(detainer_prepare_date) as first_day,
        max(detainer_prepare_date) as last_day_seen
    from detainers_by_release
    where month is not null
    group by
        release_id,
        month
),
coverages as (
    -- The days a release covers: as its manifest says, else from its first detainer to its last.
    select
        prepared.release_id,
        coalesce(max(releases.covers_from), min(prepared.first_day)) as covers_from,
        coalesce(max(releases.covers_to), max(prepared.last_day_seen)) as covers_to,
        max(releases.covers_from) is not null and max(releases.covers_to) is not null as is_declared,
        max(releases.received) as received
    from prepared_months as prepared
    inner join releases
        on releases.release_id = prepared.release_id
        and releases.status in ('ready', 'kept')
    group by prepared.release_id
),
candidates as (
    select distinct
        prepared.month,
        prepared.release_id,
        coverages.received,
        windows.release_id is not null as is_named,
        prepared.month < coverages.covers_from
            or last_day(prepared.month) > coverages.covers_to
            or (
                not coverages.is_declared
                and date_diff('day', last_day(prepared.month), coverages.covers_to) < limits.late_days
            ) as is_partial
    from prepared_months as prepared
    cross join limits
    inner join coverages on coverages.release_id = prepared.release_id
    left join release_windows as windows
        on windows.release_id = prepared.release_id
        and coalesce(windows.kind, 'detainers') = 'detainers'
        and windows.first_month <= prepared.month
        and coalesce(windows.last_month, prepared.month) >= prepared.month
),
ranked as (
    -- A serves window first, then a whole month before one that the coverage cuts, then the release received later,
    -- and at last the release id.
    select
        month,
        release_id,
        received,
        is_named,
        is_partial,
        row_number() over (
            partition by month
            order by is_named desc, is_partial, received desc nulls last, release_id
        ) as place
    from candidates
),
firsts as (
    select * from ranked where place = 1
),
seconds as (
    select * from ranked where place = 2
)
select
    firsts.month,
    firsts.release_id,
    case
        when seconds.release_id is null then 'only release with this month'
        when firsts.is_named <> seconds.is_named then 'its serves window holds this month'
        when firsts.is_partial <> seconds.is_partial then 'covers the whole month'
        when firsts.received is distinct from seconds.received then 'received later'
        else 'first release id'
    end as reason
from firsts
left join seconds on seconds.month = firsts.month
order by firsts.month

-- Which release serves each month of detainers, and why that one.
with release_months_of_detainers as (
    select
        detainers.release_id,
        detainers.month,
        max(releases.received) as received
    from detainers_by_release as detainers
    inner join releases
        on releases.release_id = detainers.release_id
        and releases.status in ('ready', 'kept')
    group by
        detainers.release_id,
        detainers.month
),
candidates as (
    select distinct
        months.month,
        months.release_id,
        months.received,
        windows.release_id is not null as is_named
    from release_months_of_detainers as months
    left join release_windows as windows
        on windows.release_id = months.release_id
        and windows.first_month <= months.month
        and coalesce(windows.last_month, months.month) >= months.month
),
ranked as (
    -- A declared window first, then the release received later, then the release id.
    select
        month,
        release_id,
        received,
        is_named,
        row_number() over (
            partition by month
            order by is_named desc, received desc nulls last, release_id
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
        when firsts.is_named <> seconds.is_named then 'named in its manifest for this month'
        when firsts.received is distinct from seconds.received then 'received later'
        else 'first release id'
    end as reason
from firsts
left join seconds on seconds.month = firsts.month
order by firsts.month

-- The detainers in use: of each month of preparation, those of one release.
with release_detainer_months as (
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
        months.release_id,
        months.month,
        months.received,
        windows.release_id is not null as is_named
    from release_detainer_months as months
    left join release_windows as windows
        on windows.release_id = months.release_id
        and windows.first_month <= months.month
        and coalesce(windows.last_month, months.month) >= months.month
),
ranked as (
    -- A declared window first, then the release received later, then the release id. Undated rows are a month of their own.
    select
        release_id,
        month,
        row_number() over (
            partition by month
            order by is_named desc, received desc nulls last, release_id
        ) as place
    from candidates
)
select detainers.*
from detainers_by_release as detainers
inner join ranked
    on ranked.release_id = detainers.release_id
    and ranked.month is not distinct from detainers.month
    and ranked.place = 1
order by
    detainers.release_id,
    detainers.source_file,
    detainers.source_sheet,
    detainers.source_row

-- Which release serves each population and month, and why that one.
with candidates as (
    -- Only releases that are ready and have a figure for the whole population can serve a month.
    select distinct
        release_months.population,
        release_months.month,
        release_months.release_id,
        release_months.origin,
        release_months.status = 'partial' as is_partial,
        windows.release_id is not null as is_named,
        releases.received
    from release_months
    inner join releases
        on releases.release_id = release_months.release_id
        and releases.status in ('ready', 'kept')
    left join release_windows as windows
        on windows.release_id = release_months.release_id
        and coalesce(windows.kind, 'removals') = 'removals'
        and windows.first_month <= release_months.month
        and coalesce(windows.last_month, release_months.month) >= release_months.month
    where release_months.subset = 'all'
        and release_months.status in ('reported', 'partial')
),
ranked as (
    -- A declared window first, then a full month before a partial one, records before published figures,
    -- the release received later, and at last the release id.
    select
        population,
        month,
        release_id,
        origin,
        is_partial,
        is_named,
        received,
        row_number() over (
            partition by population, month
            order by is_named desc, is_partial, origin desc, received desc nulls last, release_id
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
    firsts.population,
    firsts.month,
    firsts.release_id,
    firsts.origin,
    case
        when seconds.release_id is null then 'only release with this month'
        when firsts.is_named <> seconds.is_named then 'its serves window holds this month'
        when firsts.is_partial <> seconds.is_partial then 'covers the whole month'
        when firsts.origin <> seconds.origin then 'records before published figures'
        when firsts.received is distinct from seconds.received then 'received later'
        else 'first release id'
    end as reason
from firsts
left join seconds
    on seconds.population = firsts.population
    and seconds.month = firsts.month
order by
    firsts.population,
    firsts.month

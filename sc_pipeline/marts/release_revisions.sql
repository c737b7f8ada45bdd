-- What each release says of a month that the release received before it also reports.
with reported_figures as (
    select
        release_months.population,
        release_months.subset,
        release_months.month,
        release_months.origin,
        release_months.release_id,
        release_months.removals,
        release_months.level_basis,
        releases.received
    from release_months
    inner join releases
        on releases.release_id = release_months.release_id
        and releases.status in ('ready', 'kept')
    where release_months.status in ('reported', 'at_least')
),
successions as (
    -- Records follow records and printed figures printed figures; published_comparison sets one against the other. One
    -- definition of Level 1 never follows the other.
    select
        population,
        subset,
        month,
        lag(release_id) over (
            partition by population, subset, month, origin, level_basis
            order by received nulls first, release_id
        ) as older_release,
        release_id as newer_release,
        lag(removals) over (
            partition by population, subset, month, origin, level_basis
            order by received nulls first, release_id
        ) as older,
        removals as newer
    from reported_figures
)
select
    population,
    subset,
    month,
    older_release,
    newer_release,
    older,
    newer,
    newer - older as change
from successions
where older_release is not null
order by
    population,
    subset,
    month,
    older_release,
    newer_release

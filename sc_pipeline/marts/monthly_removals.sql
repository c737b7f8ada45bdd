-- Removals per month, population and subset, each from the best source there is.
with ready_figures as (
    select
        release_months.release_id,
        release_months.population,
        release_months.month,
        release_months.subset,
        release_months.removals,
        release_months.undetermined,
        release_months.status,
        release_months.origin,
        release_months.level_basis,
        release_months.likely_duplicates,
        releases.received,
        sources.release_id is not null as is_serving
    from release_months
    inner join releases
        on releases.release_id = release_months.release_id
        and releases.status in ('ready', 'kept')
    left join month_sources as sources
        on sources.release_id = release_months.release_id
        and sources.origin = release_months.origin
        and sources.population = release_months.population
        and sources.month = release_months.month
),
ranked as (
    -- The serving release comes first where it has a number for the whole month. Else a printed figure, then the
    -- serving release's partial count, then its silence, then that of a publication. Records that do not serve the
    -- month are never used.
    select
        release_id,
        population,
        month,
        subset,
        removals,
        undetermined,
        status,
        origin,
        level_basis,
        likely_duplicates,
        row_number() over (
            partition by population, month, subset
            order by
                case
                    when is_serving and status in ('reported', 'at_least') then 1
                    when removals is not null and status <> 'partial' then 2
                    when removals is not null then 3
                    when is_serving then 4
                    else 5
                end,
                received desc nulls last,
                release_id
        ) as place
    from ready_figures
    where is_serving or origin = 'published'
)
select
    month,
    population,
    subset,
    removals,
    undetermined,
    status,
    origin,
    release_id,
    level_basis,
    likely_duplicates
from ranked
where place = 1
order by
    month,
    population,
    subset

-- Of each month, population and subset the printed 12-month average: of several publications the one received last.
with ranked as (
    select
        published_counts.release_id,
        published_counts.month,
        published_counts.population,
        published_counts.subset,
        published_counts.value,
        row_number() over (
            partition by published_counts.month, published_counts.population, published_counts.subset
            order by releases.received desc nulls last, releases.release_id, published_counts.value
        ) as place
    from published_counts
    inner join releases
        on releases.release_id = published_counts.release_id
        and releases.status in ('ready', 'kept')
    where published_counts.measure = 'average_12m'
        and published_counts.status = 'reported'
)
select
    month,
    population,
    subset,
    value as average_12m,
    release_id
from ranked
where place = 1
order by
    month,
    population,
    subset

-- For each removal that a detainer led to: which detainer date, by which method, how many days before.
-- by release: true
with own_links as (
    -- A detainer on the record itself counts where it was prepared on or before the day of departure.
    select
        release_id,
        source_file,
        source_sheet,
        source_row,
        population,
        month,
        departed_date,
        detainer_prepare_date as linked_detainer_date,
        'same_record' as link_method
    from removals_by_release
    where detainer_prepare_date <= departed_date
),
unlinked as (
    select
        release_id,
        source_file,
        source_sheet,
        source_row,
        population,
        month,
        departed_date,
        person_id
    from removals_by_release
    where person_id is not null
        and (detainer_prepare_date is null or detainer_prepare_date > departed_date)
),
departures as (
    select distinct
        release_id,
        person_id,
        departed_date
    from unlinked
),
last_detainers as (
    -- Identifiers hold inside one release only; of several detainers the last one prepared counts.
    select
        departures.release_id,
        departures.person_id,
        departures.departed_date,
        max(detainers.detainer_prepare_date) as linked_detainer_date
    from departures
    inner join detainers_by_release as detainers
        on detainers.release_id = departures.release_id
        and detainers.person_id = departures.person_id
        and detainers.detainer_prepare_date <= departures.departed_date
    group by
        departures.release_id,
        departures.person_id,
        departures.departed_date
),
joined_links as (
    select
        unlinked.release_id,
        unlinked.source_file,
        unlinked.source_sheet,
        unlinked.source_row,
        unlinked.population,
        unlinked.month,
        unlinked.departed_date,
        last_detainers.linked_detainer_date,
        'joined' as link_method
    from unlinked
    inner join last_detainers
        on last_detainers.release_id = unlinked.release_id
        and last_detainers.person_id = unlinked.person_id
        and last_detainers.departed_date = unlinked.departed_date
),
links as (
    select * from own_links
    union all
    select * from joined_links
)
select
    release_id,
    source_file,
    source_sheet,
    source_row,
    population,
    month,
    linked_detainer_date,
    cast(date_diff('day', linked_detainer_date, departed_date) as bigint) as days_to_departure,
    link_method
from links
order by
    release_id,
    source_file,
    source_sheet,
    source_row

-- The removals in use: of each population and month, those of the one release that serves it.
-- by release: true
-- picks rows of: removals_by_release
select removals.*
from removals_by_release as removals
inner join month_sources as sources
    on sources.release_id = removals.release_id
    and sources.population = removals.population
    and sources.month = removals.month
where sources.origin = 'records'
order by
    removals.release_id,
    removals.source_file,
    removals.source_sheet,
    removals.source_row

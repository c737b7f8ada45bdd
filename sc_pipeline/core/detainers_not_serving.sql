-- The detainers not in use: of months that another release serves, or none.
-- by release: true
-- picks rows of: detainers_by_release
select detainers.*
from detainers_by_release as detainers
left join detainer_sources as sources
    on sources.release_id = detainers.release_id
    and sources.month = detainers.month
where sources.month is null
order by
    detainers.release_id,
    detainers.source_file,
    detainers.source_sheet,
    detainers.source_row

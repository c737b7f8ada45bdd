-- The detainers in use: of each month of preparation, those of the one release that serves it.
-- by release: true
-- picks rows of: detainers_by_release
select detainers.*
from detainers_by_release as detainers
inner join detainer_sources as sources
    on sources.release_id = detainers.release_id
    and sources.month = detainers.month
order by
    detainers.release_id,
    detainers.source_file,
    detainers.source_sheet,
    detainers.source_row

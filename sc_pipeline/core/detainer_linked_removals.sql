-- The removals in use with a prior detainer: its date, the days to departure, and how it was found.
-- by release: true
select
    removals.*,
    links.linked_detainer_date,
    links.days_to_departure,
    links.link_method
from removals
inner join detainer_links as links
    on links.release_id = removals.release_id
    and links.source_file = removals.source_file
    and links.source_sheet is not distinct from removals.source_sheet
    and links.source_row = removals.source_row
order by
    removals.release_id,
    removals.source_file,
    removals.source_sheet,
    removals.source_row

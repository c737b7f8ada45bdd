-- The removals in use whose most serious conviction is Level 1.
-- by release: true
select *
from removals
where level1
order by
    release_id,
    source_file,
    source_sheet,
    source_row

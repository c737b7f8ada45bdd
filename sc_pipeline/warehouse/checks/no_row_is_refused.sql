-- No row had to be refused (those that were are listed in quarantine and not counted).
-- table: source_files
-- blocking: false
select
    release_id,
    file,
    rows_read,
    rows_quarantined
from source_files
where rows_quarantined > 0
order by
    release_id,
    file

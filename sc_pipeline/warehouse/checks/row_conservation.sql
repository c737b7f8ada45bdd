-- Every row read from a file was accepted or quarantined.
-- table: source_files
-- blocking: true
select
    release_id,
    file,
    rows_read,
    rows_accepted,
    rows_quarantined
from source_files
where rows_read <> rows_accepted + rows_quarantined
order by
    release_id,
    file

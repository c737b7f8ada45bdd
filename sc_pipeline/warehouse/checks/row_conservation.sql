-- Every row read from a file is accepted, quarantined or left out with its table.
-- table: source_files
-- blocking: true
select
    release_id,
    file,
    rows_read,
    rows_accepted,
    rows_quarantined,
    rows_left_out
from source_files
where rows_read <> rows_accepted + rows_quarantined + rows_left_out
order by
    release_id,
    file

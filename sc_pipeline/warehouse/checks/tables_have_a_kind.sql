-- Every file and sheet that may hold rows is read; one that is not is left out: its reason says what to do about it.
-- table: source_files
-- blocking: false
select
    release_id,
    file,
    rows_left_out,
    left_out
from source_files
where contains(left_out, 'not taken in: ')
order by
    release_id,
    file

-- A file that two releases hold, as cumulative deliveries do, is read in both; each month is still counted in one.
-- table: source_files
-- blocking: note
select
    first_files.release_id,
    first_files.file,
    other_files.release_id as other_release_id,
    other_files.file as other_file
from source_files as first_files
inner join source_files as other_files
    on other_files.sha256 = first_files.sha256
    and other_files.release_id > first_files.release_id
where first_files.rows_read > 0
order by
    first_files.release_id,
    first_files.file,
    other_files.release_id,
    other_files.file

-- A column with names, alien numbers, full birth dates or addresses stays in staging; ask whether you may keep the file.
-- table: source_files
-- blocking: false
select
    release_id,
    file,
    personal_columns
from source_files
where personal_columns is not null
order by
    release_id,
    file

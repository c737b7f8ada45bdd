-- Every column of a file is known; others are kept in staging and listed here.
-- table: source_files
-- blocking: note
select
    release_id,
    file,
    production,
    unknown_columns
from source_files
where unknown_columns is not null
order by
    release_id,
    file

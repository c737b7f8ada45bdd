-- Every column of a file is known, and a file of no known production has the columns its kind usually has.
-- table: source_files
-- blocking: note
select
    release_id,
    file,
    production,
    unknown_columns,
    missing_columns
from source_files
where unknown_columns is not null
    or (production is null and missing_columns is not null)
order by
    release_id,
    file

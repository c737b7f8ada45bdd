-- Every table of rows is of a known kind; one that is not is left out: name its columns or its kind in release.toml.
-- table: source_files
-- blocking: false
select
    release_id,
    file,
    rows_left_out,
    left_out
from source_files
where kind is null
    and rows_left_out > 0
order by
    release_id,
    file

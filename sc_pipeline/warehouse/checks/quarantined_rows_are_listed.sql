-- Every refused row of a file is in quarantine with the reason.
-- table: source_files
-- blocking: true
with refused_rows as (
    select
        release_id,
        source_file,
        count(distinct concat(coalesce(source_sheet, ''), '/', source_row)) as rows_listed
    from quarantine
    where severity = 'structural'
    group by
        release_id,
        source_file
),
file_counts as (
    select
        files.release_id,
        files.file,
        files.rows_quarantined,
        coalesce(sum(refused_rows.rows_listed), 0) as rows_listed
    from source_files as files
    left join refused_rows
        on refused_rows.release_id = files.release_id
        and (refused_rows.source_file = files.file or starts_with(refused_rows.source_file, concat(files.file, '/')))
    group by
        files.release_id,
        files.file,
        files.rows_quarantined
)
select
    release_id,
    file,
    rows_quarantined,
    rows_listed
from file_counts
where rows_quarantined <> rows_listed
order by
    release_id,
    file

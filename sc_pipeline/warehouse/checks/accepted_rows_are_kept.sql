-- Every accepted row of a file is a row of a table, and no other is.
-- table: source_files
-- blocking: true
with printed_rows as (
    select release_id, source_file, source_sheet, source_row from published_counts
    union all
    select release_id, source_file, source_sheet, source_row from published_years
    union all
    select release_id, source_file, source_sheet, source_row from other_counts
),
kept_rows as (
    select release_id, source_file, count(*) as rows_kept
    from removals_by_release
    group by release_id, source_file
    union all
    select release_id, source_file, count(*) as rows_kept
    from detainers_by_release
    group by release_id, source_file
    union all
    select release_id, source_file, count(distinct concat(coalesce(source_sheet, ''), '/', source_row)) as rows_kept
    from printed_rows
    group by release_id, source_file
),
file_counts as (
    -- A member of an archive is named archive/member.
    select
        files.release_id,
        files.file,
        files.rows_accepted,
        coalesce(sum(kept_rows.rows_kept), 0) as rows_kept
    from source_files as files
    left join kept_rows
        on kept_rows.release_id = files.release_id
        and (kept_rows.source_file = files.file or starts_with(kept_rows.source_file, concat(files.file, '/')))
    group by
        files.release_id,
        files.file,
        files.rows_accepted
)
select
    release_id,
    file,
    rows_accepted,
    rows_kept
from file_counts
where rows_accepted <> rows_kept
order by
    release_id,
    file

-- Footers, total rows, rows without the day that counts and rows that corrections.toml refuses are counted nowhere.
-- table: quarantine
-- blocking: note
select
    release_id,
    source_file,
    rule,
    count(*) as rows,
    min(source_row) as first_row
from quarantine
where severity = 'structural'
    and rule in (
        'a footer or total row, not a record',
        'refused by corrections.toml',
        'missing',
        'redacted'
    )
group by
    release_id,
    source_file,
    rule
order by
    release_id,
    source_file,
    rows desc,
    rule

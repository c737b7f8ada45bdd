-- No row is refused for what can be mended: refused rows are listed in quarantine and counted nowhere.
-- table: quarantine
-- blocking: false
select
    release_id,
    source_file,
    field,
    rule,
    count(*) as rows,
    min(source_row) as first_row
from quarantine
where severity = 'structural'
    and rule not in (
        'a footer or total row, not a record',
        'refused by corrections.toml',
        'missing',
        'redacted'
    )
group by
    release_id,
    source_file,
    field,
    rule
order by
    release_id,
    source_file,
    rows desc,
    field,
    rule

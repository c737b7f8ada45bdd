-- Every value is of a known kind; where not, the row stays and the value is null (all are listed in quarantine).
-- table: quarantine
-- blocking: note
select
    release_id,
    field,
    rule,
    count(*) as rows,
    min(value) as first_value
from quarantine
where severity = 'warning'
group by
    release_id,
    field,
    rule
order by
    release_id,
    rows desc,
    field,
    rule

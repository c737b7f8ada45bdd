-- A field disclosed in at least a tenth of one month's rows and in none of the next, with no manifest saying why.
-- table: field_disclosure
-- blocking: false
with successions as (
    select
        release_id,
        field,
        month,
        rows,
        disclosed,
        redacted,
        lag(month) over (partition by release_id, field order by month) as last_disclosed,
        lag(disclosed) over (partition by release_id, field order by month) as disclosed_before,
        lag(rows) over (partition by release_id, field order by month) as rows_before
    from field_disclosure
)
select
    successions.release_id,
    successions.field,
    successions.last_disclosed,
    successions.month as silent_from,
    successions.rows,
    successions.redacted
from successions
left join withheld_fields as withheld
    on withheld.release_id = successions.release_id
    and withheld.field = successions.field
    and withheld.first_month <= successions.month
    and coalesce(withheld.last_month, successions.month) >= successions.month
where successions.rows > 0
    and successions.disclosed = 0
    and successions.disclosed_before > 0
    and successions.disclosed_before * 10 >= successions.rows_before
    and withheld.field is null
order by
    successions.release_id,
    successions.field,
    successions.month

-- No removal has a case status that is not a departure, such as Active or Died; such a row is counted as it was delivered.
-- table: removals_by_release
-- blocking: false
with statuses as (
    select
        release_id,
        month,
        case_status,
        regexp_extract(case_status, '^\[?(ACTIVE|[0-9A-Z]{1,2})\]?([^0-9A-Z]|$)', 1) as code
    from removals_by_release
    where case_status is not null
)
select
    statuses.release_id,
    statuses.case_status,
    count(*) as rows,
    min(statuses.month) as first_month,
    max(statuses.month) as last_month
from statuses
inner join dispositions
    on dispositions.field = 'case_status'
    and dispositions.name = statuses.code
    and not dispositions.is_departure
group by
    statuses.release_id,
    statuses.case_status
order by
    statuses.release_id,
    rows desc,
    statuses.case_status

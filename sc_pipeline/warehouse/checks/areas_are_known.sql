-- Every area of responsibility (AOR) is one of ICE's field offices by name or code.
-- table: removals_by_release
-- blocking: false
with written as (
    select release_id, aor
    from removals_by_release
    where aor is not null
    union all
    select release_id, facility_aor as aor
    from detainers_by_release
    where facility_aor is not null
)
select
    written.release_id,
    written.aor,
    count(*) as rows
from written
left join (select distinct aor from areas) as known on known.aor = written.aor
where known.aor is null
group by
    written.release_id,
    written.aor
order by
    written.release_id,
    rows desc,
    written.aor

-- Why the detainers prepared in a month were lifted, by the state of the jail; those without a reason are not listed.
select
    month,
    coalesce(facility_state, '') as facility_state,
    lift_reason,
    count(*) as detainers
from detainers
where lift_reason is not null
group by
    month,
    coalesce(facility_state, ''),
    lift_reason
order by
    month,
    facility_state,
    lift_reason

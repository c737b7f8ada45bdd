-- Detainers by the month they were prepared, and what became of them. No population: a detainer is not a removal.
select
    '' as population,
    month,
    facility_state,
    facility_aor,
    biometric_match,
    detainers,
    cast(0 as bigint) as detainers_undetermined,
    detainers_status,
    departed_within_90_days,
    undetermined as departed_within_90_days_undetermined,
    departed_within_90_days_status,
    departed_within_365_days,
    undetermined as departed_within_365_days_undetermined,
    departed_within_365_days_status,
    lifted,
    cast(0 as bigint) as lifted_undetermined,
    detainers_status as lifted_status,
    declined,
    cast(0 as bigint) as declined_undetermined,
    detainers_status as declined_status
from detainer_outcomes

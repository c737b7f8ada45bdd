-- Months by ICE area of responsibility.
select
    population,
    month,
    aor,
    removals, removals_undetermined, removals_status,
    convicted, convicted_undetermined, convicted_status,
    not_convicted, not_convicted_undetermined, not_convicted_status,
    level1, level1_undetermined, level1_status,
    detainer_linked, detainer_linked_undetermined, detainer_linked_status
from removals_by_aor

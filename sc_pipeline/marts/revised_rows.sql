-- How many removals a later release adds, drops and changes, and in which fields, where identifiers agree.
select
    population,
    month,
    older_release,
    newer_release,
    outcome,
    field,
    count(*) as removals
from revised_removals
group by
    population,
    month,
    older_release,
    newer_release,
    outcome,
    field
order by
    population,
    month,
    older_release,
    newer_release,
    outcome,
    field

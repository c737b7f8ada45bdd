-- A silent figure is null, never a zero; a reported one, and one that is a lower bound, is a number.
-- table: monthly_removals
-- blocking: true
select
    month,
    population,
    subset,
    removals,
    undetermined,
    status
from monthly_removals
where (removals is not null and status not in ('reported', 'at_least', 'partial'))
    or (removals is null and status in ('reported', 'at_least'))
    or (removals is not null and undetermined is null)
    or (status = 'reported' and undetermined > 0)
order by
    month,
    population,
    subset

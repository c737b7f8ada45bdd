-- A withheld or unreleased count is null, never a zero; a reported or partial one is a number.
-- table: monthly_removals
-- blocking: true
select
    month,
    population,
    subset,
    removals,
    status
from monthly_removals
where (status in ('withheld', 'not_released') and removals is not null)
    or (status in ('reported', 'partial') and removals is null)
order by
    month,
    population,
    subset

-- Removals per month and state by criminality: convicted, pending charges, neither, or unknown.
select
    month,
    population,
    state,
    sum(convicted) as convicted,
    sum(pending) as pending,
    sum(neither) as neither,
    sum(unknown) as unknown,
    status
from criminality_counts
group by
    month,
    population,
    state,
    status
order by
    month,
    population,
    state

-- Removals per month and ICE area of responsibility (AOR) by criminality: convicted, pending charges, neither, or unknown.
select
    month,
    population,
    aor,
    sum(convicted) as convicted,
    sum(pending) as pending,
    sum(neither) as neither,
    sum(unknown) as unknown,
    status
from criminality_counts
group by
    month,
    population,
    aor,
    status
order by
    month,
    population,
    aor

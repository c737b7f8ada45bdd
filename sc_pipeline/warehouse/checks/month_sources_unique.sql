-- One release serves each population and month.
-- table: month_sources
-- blocking: true
select
    population,
    month,
    count(*) as releases
from month_sources
group by
    population,
    month
having count(*) > 1
order by
    population,
    month

-- The figures of the report's text over the latest months.
select
    figure,
    value,
    unit,
    first_month,
    last_month,
    method
from figure_values
where is_latest
order by figure

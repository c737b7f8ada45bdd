-- No printed figure differs from the computed one.
-- table: published_comparison
-- blocking: false
select
    publication,
    cell,
    published,
    computed,
    difference
from published_comparison
where verdict = 'differs'
order by
    publication,
    cell

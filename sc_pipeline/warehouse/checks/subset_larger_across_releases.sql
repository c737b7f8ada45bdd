-- Where two releases serve a part and its whole, the part should not be larger; look at release_revisions.
-- table: monthly_removals
-- blocking: false
with parts as (
    select * from (values
        ('sc', 'convicted', 'sc', 'all'),
        ('sc', 'level1', 'sc', 'convicted'),
        ('sc', 'detainer_linked', 'sc', 'all'),
        ('ice', 'convicted', 'ice', 'all'),
        ('ice', 'level1', 'ice', 'convicted'),
        ('ice', 'detainer_linked', 'ice', 'all'),
        ('sc', 'all', 'ice', 'all')
    ) as listed (population, subset, whole_population, whole_subset)
)
select
    part.month,
    part.population,
    part.subset,
    part.removals,
    part.release_id,
    whole.removals as whole_removals,
    whole.release_id as whole_release_id
from parts
inner join monthly_removals as part
    on part.population = parts.population
    and part.subset = parts.subset
inner join monthly_removals as whole
    on whole.population = parts.whole_population
    and whole.subset = parts.whole_subset
    and whole.month = part.month
where part.status = 'reported'
    and whole.status = 'reported'
    and part.removals > whole.removals
order by
    part.month,
    part.population,
    part.subset

-- Inside one release, a part is never larger than its whole: level1, convicted, all; detainer_linked, all; sc, ice.
-- table: release_months
-- blocking: true
with parts as (
    select * from (values
        ('sc', 'convicted', 'sc', 'all'),
        ('sc', 'level1', 'sc', 'all'),
        ('sc', 'level1', 'sc', 'convicted'),
        ('sc', 'detainer_linked', 'sc', 'all'),
        ('ice', 'convicted', 'ice', 'all'),
        ('ice', 'level1', 'ice', 'all'),
        ('ice', 'level1', 'ice', 'convicted'),
        ('ice', 'detainer_linked', 'ice', 'all'),
        ('sc', 'all', 'ice', 'all')
    ) as listed (population, subset, whole_population, whole_subset)
)
select
    part.release_id,
    part.month,
    part.population,
    part.subset,
    part.removals,
    whole.population as whole_population,
    whole.subset as whole_subset,
    whole.removals as whole_removals
from parts
inner join release_months as part
    on part.population = parts.population
    and part.subset = parts.subset
inner join release_months as whole
    on whole.population = parts.whole_population
    and whole.subset = parts.whole_subset
    and whole.release_id = part.release_id
    and whole.origin = part.origin
    and whole.month = part.month
where part.removals > whole.removals
order by
    part.release_id,
    part.month,
    part.population,
    part.subset

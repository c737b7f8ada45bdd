-- Where two releases serve a part and its whole, the part should not be larger; look at release_revisions.
-- table: monthly_removals
-- blocking: false
with wholes as (
    select * from (values
        ('convicted', 'all'),
        ('not_convicted', 'all'),
        ('level1', 'convicted'),
        ('detainer_linked', 'all')
    ) as listed (subset, whole)
),
parts as (
    select
        part.month,
        part.population,
        part.subset,
        part.removals,
        part.release_id,
        part.population as whole_population,
        wholes.whole as whole_subset
    from monthly_removals as part
    inner join wholes on wholes.subset = part.subset
    union all
    select
        part.month,
        part.population,
        part.subset,
        part.removals,
        part.release_id,
        'ice' as whole_population,
        part.subset as whole_subset
    from monthly_removals as part
    where part.population = 'sc'
        and part.subset = 'all'
)
select
    parts.month,
    parts.population,
    parts.subset,
    parts.removals,
    parts.release_id,
    whole.removals as whole_removals,
    whole.release_id as whole_release_id
from parts
inner join monthly_removals as whole
    on whole.population = parts.whole_population
    and whole.subset = parts.whole_subset
    and whole.month = parts.month
where whole.status in ('reported', 'at_least')
    and parts.removals > whole.removals + whole.undetermined
order by
    parts.month,
    parts.population,
    parts.subset

-- Inside one release a part is never larger than its whole, neither at least nor at most: level1, convicted, all; sc, ice.
-- table: release_months
-- blocking: true
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
        part.release_id,
        part.month,
        part.population,
        part.subset,
        part.origin,
        part.removals,
        part.removals + part.undetermined as at_most,
        part.population as whole_population,
        wholes.whole as whole_subset
    from release_months as part
    inner join wholes on wholes.subset = part.subset
    union all
    select
        part.release_id,
        part.month,
        part.population,
        part.subset,
        part.origin,
        part.removals,
        part.removals + part.undetermined as at_most,
        'ice' as whole_population,
        part.subset as whole_subset
    from release_months as part
    where part.population = 'sc'
        and part.subset = 'all'
)
select
    parts.release_id,
    parts.month,
    parts.population,
    parts.subset,
    parts.removals,
    parts.at_most,
    whole.population as whole_population,
    whole.subset as whole_subset,
    whole.removals as whole_removals,
    whole.removals + whole.undetermined as whole_at_most
from parts
inner join release_months as whole
    on whole.population = parts.whole_population
    and whole.subset = parts.whole_subset
    and whole.release_id = parts.release_id
    and whole.origin = parts.origin
    and whole.month = parts.month
where parts.removals > whole.removals
    or parts.at_most > whole.removals + whole.undetermined
order by
    parts.release_id,
    parts.month,
    parts.population,
    parts.subset

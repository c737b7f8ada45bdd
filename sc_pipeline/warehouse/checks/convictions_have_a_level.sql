-- Every conviction has a level on the release's basis; a Level 1 count has those that have none as undetermined.
-- table: removals_by_release
-- blocking: note
select
    removals.release_id,
    bases.level_basis,
    removals.msc_code,
    count(*) as rows
from removals_by_release as removals
left join release_bases as bases
    on bases.release_id = removals.release_id
    and bases.population = removals.population
where removals.convicted
    and removals.level1 is null
group by
    removals.release_id,
    bases.level_basis,
    removals.msc_code
order by
    removals.release_id,
    rows desc,
    removals.msc_code

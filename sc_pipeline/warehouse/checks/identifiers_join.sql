-- Identifiers of removals and detainers of one release meet; where none do, no removal can be joined to a detainer.
-- table: release_bases
-- blocking: false
select
    release_id,
    population,
    removal_ids,
    detainer_ids,
    matched_ids
from release_bases
where has_detainers_table
    and removal_ids > 0
    and detainer_ids > 0
    and matched_ids = 0
order by
    release_id,
    population

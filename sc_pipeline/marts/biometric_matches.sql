-- Of each removal with a prior detainer: whether that detainer states a biometric match at a state or local facility.
-- by release: true
with facilities as (
    select distinct facility
    from detainers_by_release
    where facility is not null
),
federal as (
    select distinct facilities.facility
    from facilities
    inner join federal_facilities as words
        on strpos(concat(' ', facilities.facility, ' '), concat(' ', words.words, ' ')) > 0
),
matches as (
    -- The detainers of one person and day are one: a match on any of them is one, none only where all tell.
    select
        detainers.release_id,
        detainers.person_id,
        detainers.detainer_prepare_date,
        bool_or(
            detainers.biometric_match = 'YES' and detainers.facility is not null and federal.facility is null
        ) as is_match,
        bool_or(
            detainers.biometric_match is null
            or (detainers.biometric_match = 'YES' and detainers.facility is null)
        ) as is_unknown
    from detainers_by_release as detainers
    left join federal on federal.facility = detainers.facility
    where detainers.person_id is not null
    group by
        detainers.release_id,
        detainers.person_id,
        detainers.detainer_prepare_date
)
-- Unknown where the detainer does not tell, and where it is on the removal's own record, which has no such columns.
select
    linked.release_id,
    linked.source_file,
    linked.source_sheet,
    linked.source_row,
    linked.population,
    linked.month,
    case
        when linked.link_method = 'joined' and matches.is_match then true
        when linked.link_method = 'joined' and not matches.is_unknown then false
    end as is_match
from detainer_linked_removals as linked
left join matches
    on matches.release_id = linked.release_id
    and matches.person_id = linked.person_id
    and matches.detainer_prepare_date = linked.linked_detainer_date
order by
    linked.release_id,
    linked.source_file,
    linked.source_sheet,
    linked.source_row

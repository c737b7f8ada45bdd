-- A proxy for the third column of TRAC's Table 2, from records, never joined to that column: ICE removals with a prior
-- detainer that states a biometric match and was sent to a state or local facility.
with counts as (
    select
        month,
        population,
        count(*) filter (where is_match) as matched,
        count(*) filter (where is_match is null) as unknown
    from biometric_matches
    group by
        month,
        population
),
columns_present as (
    select
        release_id,
        max(case when field = 'detainers.biometric_match' and column_present then 1 else 0 end) = 1 as has_match
    from field_disclosure
    group by release_id
),
judged as (
    -- Only releases with a table of detainers can tell of a match at all.
    select
        monthly.month,
        monthly.population,
        monthly.release_id,
        totals.removals,
        totals.status as removals_status,
        monthly.removals as detainer_linked,
        monthly.status as detainer_linked_status,
        coalesce(counts.matched, 0) as matched,
        coalesce(counts.unknown, 0) as unknown,
        monthly.undetermined,
        present.has_match
    from monthly_removals as monthly
    inner join release_bases as bases
        on bases.release_id = monthly.release_id
        and bases.population = monthly.population
        and bases.has_detainers_table
    left join columns_present as present on present.release_id = monthly.release_id
    left join monthly_removals as totals
        on totals.month = monthly.month
        and totals.population = monthly.population
        and totals.subset = 'all'
    left join counts
        on counts.month = monthly.month
        and counts.population = monthly.population
    where monthly.subset = 'detainer_linked'
        and monthly.origin = 'records'
),
statuses as (
    select
        judged.*,
        case
            when detainer_linked is null then detainer_linked_status
            when not coalesce(has_match, false) then 'not_in_release'
            when matched = 0 and unknown > 0 then 'not_disclosed'
            when detainer_linked_status = 'partial' then 'partial'
            when unknown + undetermined > 0 then 'at_least'
            else 'reported'
        end as proxy_status
    from judged
)
select
    month,
    population,
    release_id,
    removals,
    removals_status,
    detainer_linked,
    detainer_linked_status,
    case when proxy_status in ('reported', 'at_least', 'partial') then matched end as matched_at_state_or_local,
    unknown + undetermined as undetermined,
    proxy_status
from statuses
order by
    month,
    population

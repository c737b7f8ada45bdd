-- What was claimed of a span of days, against the removals, or the detainers, of those days.
with claimed_months as (
    select
        claims.claim_id,
        monthly.removals,
        monthly.undetermined,
        monthly.origin,
        monthly.status in ('reported', 'at_least') as is_whole,
        monthly.month >= claims.first_day and last_day(monthly.month) <= claims.last_day as is_inside,
        case when claims.subset = 'detainer_linked' then served.perhaps_joined else 0 end as perhaps_joined
    from claims
    inner join monthly_removals as monthly
        on monthly.population = claims.population
        and monthly.subset = claims.subset
        and monthly.month <= claims.last_day
        and last_day(monthly.month) >= claims.first_day
    left join served_months as served
        on served.population = monthly.population
        and served.month = monthly.month
),
spans as (
    select
        claims.claim_id,
        (extract(year from claims.last_day) - extract(year from claims.first_day)) * 12
            + extract(month from claims.last_day) - extract(month from claims.first_day) + 1 as months_touched
    from claims
),
month_bounds as (
    select
        claim_id,
        count(*) filter (where is_whole) as months_whole,
        count(*) filter (where is_whole and origin = 'records') as months_with_records,
        count(removals) as months_counted,
        sum(removals) filter (where is_inside) as inside,
        sum(removals + undetermined) filter (where is_whole) as overlapping,
        sum(perhaps_joined) as perhaps_joined
    from claimed_months
    group by claim_id
),
day_counts as (
    select
        claims.claim_id,
        count(*) filter (where case claims.subset
            when 'all' then true
            when 'convicted' then removals.convicted
            when 'not_convicted' then not removals.convicted
            when 'level1' then removals.level1
            else removals.detainer_linked
        end) as removals,
        count(*) filter (where case claims.subset
            when 'all' then false
            when 'level1' then removals.level1 is null
            when 'detainer_linked' then removals.detainer_linked is null
            else removals.convicted is null
        end) as undetermined
    from claims
    inner join removals
        on removals.population = claims.population
        and removals.departed_date between claims.first_day and claims.last_day
    group by claims.claim_id
),
detainer_counts as (
    -- No release says that it holds every detainer ICE prepared, so that there is no upper bound.
    select
        claims.claim_id,
        count(*) as observed_low
    from claims
    inner join detainers
        on detainers.detainer_prepare_date <= claims.last_day
        and detainers.detainer_prepare_date >= coalesce(claims.first_day, detainers.detainer_prepare_date)
    where claims.subset = 'detainers'
    group by claims.claim_id
),
observations as (
    -- By the day where records count every month touched in full; else from the whole months inside the span to all
    -- months overlapping it, the upper bound only where each of those is counted in full.
    select
        claims.claim_id,
        case
            when bounds.months_with_records = spans.months_touched then coalesce(days.removals, 0)
            when bounds.months_counted > 0 then coalesce(bounds.inside, 0)
        end as observed_low,
        case
            when bounds.months_with_records = spans.months_touched
                then coalesce(days.removals + days.undetermined, 0) + bounds.perhaps_joined
            when bounds.months_whole = spans.months_touched then bounds.overlapping
        end as observed_high
    from claims
    inner join spans on spans.claim_id = claims.claim_id
    inner join month_bounds as bounds on bounds.claim_id = claims.claim_id
    left join day_counts as days on days.claim_id = claims.claim_id
    union all
    select
        claim_id,
        observed_low,
        null as observed_high
    from detainer_counts
)
select
    claims.claim_id,
    claims.claimant,
    claims.claim,
    claims.claimed,
    claims.first_day,
    claims.last_day,
    cast(observations.observed_low as bigint) as observed_low,
    cast(observations.observed_high as bigint) as observed_high,
    cast(claims.claimed as double) / nullif(observations.observed_high, 0) as ratio_low,
    cast(claims.claimed as double) / nullif(observations.observed_low, 0) as ratio_high,
    case
        when claims.relation = 'at_least' and observations.observed_low >= claims.claimed then 'supported'
        when observations.observed_high < claims.claimed then 'contradicted'
        when claims.relation = 'equals' and observations.observed_low > claims.claimed then 'contradicted'
        when claims.relation = 'equals' and observations.observed_low = observations.observed_high then 'supported'
        else 'undecided'
    end as verdict,
    claims.citation
from claims
left join observations on observations.claim_id = claims.claim_id
order by claims.claim_id

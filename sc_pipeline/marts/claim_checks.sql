-- What was claimed of a span of days, against the removals of those days.
with claimed_months as (
    select
        claims.claim_id,
        monthly.removals,
        monthly.status,
        monthly.origin,
        monthly.month >= claims.first_day and last_day(monthly.month) <= claims.last_day as is_inside
    from claims
    inner join monthly_removals as monthly
        on monthly.population = claims.population
        and monthly.subset = claims.subset
        and monthly.month <= claims.last_day
        and last_day(monthly.month) >= claims.first_day
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
        claimed_months.claim_id,
        count(*) filter (where status = 'reported') as months_reported,
        count(*) filter (where status = 'reported' and origin = 'records') as months_with_records,
        count(removals) as months_counted,
        sum(case when is_inside then coalesce(removals, 0) else 0 end) as inside,
        sum(case when status = 'reported' then removals else 0 end) as overlapping
    from claimed_months
    group by claimed_months.claim_id
),
subset_days as (
    select population, 'all' as subset, departed_date from removals
    union all
    select population, 'convicted' as subset, departed_date from removals where convicted
    union all
    select population, 'level1' as subset, departed_date from level1_removals
    union all
    select population, 'detainer_linked' as subset, departed_date from detainer_linked_removals
),
day_counts as (
    select
        claims.claim_id,
        count(subset_days.departed_date) as removals
    from claims
    left join subset_days
        on subset_days.population = claims.population
        and subset_days.subset = claims.subset
        and subset_days.departed_date between claims.first_day and claims.last_day
    group by claims.claim_id
),
observations as (
    -- Exact over the days where records report every month touched; else from the whole months inside the span to
    -- all months overlapping it, the upper bound only where each of those is reported.
    select
        claims.claim_id,
        case
            when bounds.months_with_records = spans.months_touched then day_counts.removals
            when bounds.months_counted > 0 then bounds.inside
        end as observed_low,
        case
            when bounds.months_with_records = spans.months_touched then day_counts.removals
            when bounds.months_reported = spans.months_touched then bounds.overlapping
        end as observed_high
    from claims
    inner join spans on spans.claim_id = claims.claim_id
    inner join day_counts on day_counts.claim_id = claims.claim_id
    inner join month_bounds as bounds on bounds.claim_id = claims.claim_id
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
    end as verdict
from claims
left join observations on observations.claim_id = claims.claim_id
order by claims.claim_id

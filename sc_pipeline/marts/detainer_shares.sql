-- Which part of removals had a prior detainer, over several spans of months that have both counts.
with sums as (
    select
        spans.span,
        spans.population,
        spans.last_month,
        count(*) as months_held,
        sum(months.detainer_linked) as detainer_linked,
        sum(months.undetermined) as undetermined,
        sum(months.removals) as removals,
        -- All ICE removals only where every month of the span has them.
        case when count(months.ice) = count(*) then sum(months.ice) end as ice,
        sum(months.rows_total) as rows_total,
        sum(months.rows_with_id) as rows_with_id,
        sum(months.detainers_total) as detainers_total,
        sum(months.detainers_with_id) as detainers_with_id
    from share_spans as spans
    inner join share_months as months
        on months.population = spans.population
        and months.month = spans.month
    group by
        spans.span,
        spans.population,
        spans.last_month
),
days as (
    -- The link has no time limit: how long before the departure the last detainer was prepared.
    select
        spans.span,
        spans.population,
        spans.last_month,
        count(*) as removals_linked,
        median(linked.days_to_departure) as median_days,
        count(*) filter (where linked.days_to_departure <= 365) as linked_within_365_days
    from share_spans as spans
    inner join detainer_linked_removals as linked
        on linked.population = spans.population
        and linked.month = spans.month
    group by
        spans.span,
        spans.population,
        spans.last_month
),
shares as (
    -- One share where at most one row in twenty is undetermined: the true rows over the determined ones.
    select
        span,
        population,
        last_month as month,
        extract(year from last_month + interval 3 month) as fiscal_year,
        months_held,
        cast(detainer_linked as bigint) as detainer_linked,
        cast(removals as bigint) as removals,
        cast(ice as bigint) as ice,
        case
            when undetermined * 20 <= removals
                then cast(detainer_linked as double) / nullif(removals - undetermined, 0)
        end as share,
        cast(detainer_linked as double) / nullif(removals, 0) as share_low,
        cast(detainer_linked + undetermined as double) / nullif(removals, 0) as share_high,
        case
            when undetermined * 20 <= removals
                then cast(detainer_linked as double) / nullif(ice - undetermined, 0)
        end as share_of_ice,
        cast(rows_with_id as double) / nullif(rows_total, 0) as id_coverage_removals,
        cast(detainers_with_id as double) / nullif(detainers_total, 0) as id_coverage_detainers
    from sums
)
select
    shares.span,
    shares.population,
    shares.month,
    shares.fiscal_year,
    shares.months_held,
    shares.detainer_linked,
    shares.removals,
    shares.ice,
    shares.share,
    shares.share_low,
    shares.share_high,
    shares.share_of_ice,
    shares.id_coverage_removals,
    shares.id_coverage_detainers,
    -- The names that the table had when it was about Secure Communities alone.
    case when shares.population = 'sc' then shares.removals end as sc,
    case when shares.population = 'sc' then shares.share end as share_of_sc,
    -- Printed counts have no days: only where every removal counted is a row.
    case when days.removals_linked = shares.detainer_linked then days.median_days end as median_days_to_departure,
    case when days.removals_linked = shares.detainer_linked then days.linked_within_365_days end as linked_within_365_days
from shares
left join days
    on days.span = shares.span
    and days.population = shares.population
    and days.last_month = shares.month
order by
    shares.span,
    shares.population,
    shares.month

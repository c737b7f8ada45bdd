-- Which part of removals had a prior detainer, over several spans of months that have both counts.
with share_spans as (
    -- A month by itself; twelve months in a row; a fiscal year as far as it goes; the last five months, and all.
    select
        'month' as span,
        months.population,
        months.month as last_month,
        months.month
    from share_months as months
    union all
    select
        'last_12_months' as span,
        lasts.population,
        lasts.month as last_month,
        months.month
    from share_months as lasts
    inner join share_months as months
        on months.population = lasts.population
        and months.month_number between lasts.month_number - 11 and lasts.month_number
    union all
    select
        'fiscal_year' as span,
        months.population,
        max(months.month) over (
            partition by months.population, extract(year from months.month + interval 3 month)
        ) as last_month,
        months.month
    from share_months as months
    union all
    select
        'last_5' as span,
        months.population,
        max(months.month) over (partition by months.population) as last_month,
        months.month
    from share_months as months
    where months.months_from_last <= 5
    union all
    select
        'all' as span,
        months.population,
        max(months.month) over (partition by months.population) as last_month,
        months.month
    from share_months as months
),
sums as (
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
    having spans.span not in ('last_12_months', 'last_5')
        or (spans.span = 'last_12_months' and count(*) = 12)
        or (spans.span = 'last_5' and count(*) = 5)
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
    span,
    population,
    month,
    fiscal_year,
    months_held,
    detainer_linked,
    removals,
    ice,
    share,
    share_low,
    share_high,
    share_of_ice,
    id_coverage_removals,
    id_coverage_detainers,
    -- The names that the table had when it was about Secure Communities alone.
    case when population = 'sc' then removals end as sc,
    case when population = 'sc' then share end as share_of_sc
from shares
order by
    span,
    population,
    month

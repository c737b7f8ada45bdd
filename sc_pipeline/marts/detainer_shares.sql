-- Which part of Secure Communities removals, and of all ICE removals, a detainer led to.
with windows as (
    select * from (values
        ('month', 1),
        ('last_12_months', 12),
        ('fiscal_year', 12),
        ('last_reported_5', 5)
    ) as listed (window_name, months_long)
),
linked as (
    select
        monthly.month,
        monthly.removals,
        facts.rows_total,
        facts.rows_with_id,
        facts.rows_joined
    from monthly_removals as monthly
    left join release_months as facts
        on facts.release_id = monthly.release_id
        and facts.origin = monthly.origin
        and facts.population = monthly.population
        and facts.month = monthly.month
        and facts.subset = monthly.subset
    where monthly.population = 'sc'
        and monthly.subset = 'detainer_linked'
        and monthly.status = 'reported'
),
sc as (
    select month, removals
    from monthly_removals
    where population = 'sc' and subset = 'all' and status = 'reported'
),
ice as (
    select month, removals
    from monthly_removals
    where population = 'ice' and subset = 'all' and status = 'reported'
),
months as (
    -- Numerator and denominator come from the same months, both reported.
    select
        linked.month,
        extract(year from linked.month) * 12 + extract(month from linked.month) as month_number,
        linked.removals as detainer_linked,
        sc.removals as sc,
        ice.removals as ice,
        linked.rows_total,
        linked.rows_with_id,
        linked.rows_joined
    from linked
    inner join sc on sc.month = linked.month
    left join ice on ice.month = linked.month
),
window_sums as (
    -- A window stands only where each of its months does.
    select
        windows.window_name,
        last_months.month,
        sum(months.detainer_linked) as detainer_linked,
        sum(months.sc) as sc,
        case when count(months.ice) = windows.months_long then sum(months.ice) end as ice,
        sum(months.rows_total) as rows_total,
        sum(months.rows_with_id) as rows_with_id,
        sum(months.rows_joined) as rows_joined
    from windows
    cross join months as last_months
    inner join months
        on months.month_number between last_months.month_number - windows.months_long + 1 and last_months.month_number
    -- Fiscal year N: October N-1 to September N.
    where windows.window_name <> 'fiscal_year' or extract(month from last_months.month) = 9
    group by
        windows.window_name,
        windows.months_long,
        last_months.month
    having count(*) = windows.months_long
),
latest_windows as (
    select
        window_name,
        max(month) as month
    from window_sums
    group by window_name
),
kept_windows as (
    select window_sums.*
    from window_sums
    inner join latest_windows on latest_windows.window_name = window_sums.window_name
    where window_sums.window_name <> 'last_reported_5' or window_sums.month = latest_windows.month
)
select
    window_name as "window",
    month,
    cast(detainer_linked as bigint) as detainer_linked,
    cast(sc as bigint) as sc,
    cast(ice as bigint) as ice,
    cast(detainer_linked as double) / nullif(sc, 0) as share_of_sc,
    cast(detainer_linked as double) / nullif(ice, 0) as share_of_ice,
    -- Who carries no identifier cannot be joined: the share of those who do stands beside the result.
    case when rows_joined > 0 then cast(rows_with_id as double) / nullif(rows_total, 0) end as id_coverage
from kept_windows
order by
    window_name,
    month

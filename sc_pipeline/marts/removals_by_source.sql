-- Month by month: all ICE removals, those under Secure Communities, and those of them that a detainer led to.
with ice as (
    select month, removals, status
    from monthly_removals
    where population = 'ice' and subset = 'all'
),
sc as (
    select month, removals, status
    from monthly_removals
    where population = 'sc' and subset = 'all'
),
linked as (
    select month, removals, status
    from monthly_removals
    where population = 'sc' and subset = 'detainer_linked'
),
months as (
    select month from ice
    union
    select month from sc
    union
    select month from linked
)
select
    months.month,
    ice.removals as all_ice,
    ice.status as all_ice_status,
    sc.removals as sc,
    sc.status as sc_status,
    linked.removals as sc_detainer_linked,
    linked.status as sc_detainer_linked_status
from months
left join ice on ice.month = months.month
left join sc on sc.month = months.month
left join linked on linked.month = months.month
order by months.month

-- Month by month: all ICE removals, those under Secure Communities, and those of them with a prior detainer.
with months as (
    select distinct month
    from monthly_removals
    where subset = 'all'
        or (population = 'sc' and subset = 'detainer_linked')
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
left join monthly_removals as ice
    on ice.month = months.month
    and ice.population = 'ice'
    and ice.subset = 'all'
left join monthly_removals as sc
    on sc.month = months.month
    and sc.population = 'sc'
    and sc.subset = 'all'
left join monthly_removals as linked
    on linked.month = months.month
    and linked.population = 'sc'
    and linked.subset = 'detainer_linked'
order by months.month

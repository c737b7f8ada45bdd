-- Removals of people known to be convicted, per fiscal year and most serious conviction.
with offenses as (
    select
        fiscal_year,
        population,
        coalesce(msc_code, '') as msc_code,
        min(msc_charge) as msc_charge,
        count(*) as removals
    from removals
    where convicted
    group by
        fiscal_year,
        population,
        coalesce(msc_code, '')
)
select
    fiscal_year,
    population,
    msc_code,
    case when msc_code <> '' then msc_charge end as msc_charge,
    removals,
    cast(removals as double) / sum(removals) over (partition by fiscal_year, population) as share_of_convicted
from offenses
order by
    fiscal_year,
    population,
    msc_code

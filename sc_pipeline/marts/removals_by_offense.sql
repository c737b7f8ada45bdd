-- Removals of people known to be convicted, per fiscal year and most serious conviction, the most frequent first.
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
),
families as (
    select
        offenses.msc_code,
        min(levels.offense_family) as offense_family
    from offenses
    inner join offense_levels as levels
        on levels.code_from <= offenses.msc_code
        and levels.code_to >= offenses.msc_code
    group by offenses.msc_code
)
select
    offenses.fiscal_year,
    offenses.population,
    offenses.msc_code,
    case when offenses.msc_code <> '' then offenses.msc_charge end as msc_charge,
    families.offense_family,
    offenses.removals,
    cast(offenses.removals as double)
        / nullif(sum(offenses.removals) over (partition by offenses.fiscal_year, offenses.population), 0)
        as share_of_convicted,
    -- A code that nobody can tell has no place among the offenses.
    case
        when offenses.msc_code <> '' then row_number() over (
            partition by offenses.fiscal_year, offenses.population, offenses.msc_code = ''
            order by offenses.removals desc, offenses.msc_code
        )
    end as place_in_year
from offenses
left join families on families.msc_code = offenses.msc_code
order by
    offenses.fiscal_year,
    offenses.population,
    offenses.msc_code

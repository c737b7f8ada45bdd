-- The people by fiscal year: for releases with more cells by month than a page can hold. Keyed by the year's October.
with dated as (
    select
        people.*,
        case
            when month(people.month) >= 10 then make_date(year(people.month), 10, 1)
            else make_date(year(people.month) - 1, 10, 1)
        end as october
    from people
),

-- A year is complete where case files hold each of its months in full.
complete_years as (
    select
        dated.population,
        dated.october
    from dated
    inner join removals_by_month as months
        on months.population = dated.population
        and months.month = dated.month
        and months.removals_status = 'reported'
    group by dated.population, dated.october
    having count(distinct dated.month) = 12
)

select
    dated.population,
    dated.october as month,
    dated.state,
    dated.aor,
    dated.citizenship,
    dated.gender,
    dated.age_group,
    dated.conviction,
    dated.departure_kind,
    cast(sum(dated.removals) as bigint) as removals,
    cast(0 as bigint) as removals_undetermined,
    case when complete_years.october is null then 'partial' else 'reported' end as removals_status
from dated
left join complete_years
    on complete_years.population = dated.population
    and complete_years.october = dated.october
group by all

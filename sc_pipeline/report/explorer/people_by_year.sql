-- The people by fiscal year: for releases with more cells by month than a page can hold. Keyed by the year's October.
select
    population,
    case
        when month(month) >= 10 then make_date(year(month), 10, 1)
        else make_date(year(month) - 1, 10, 1)
    end as month,
    state,
    aor,
    citizenship,
    gender,
    age_group,
    conviction,
    departure_kind,
    cast(sum(removals) as bigint) as removals,
    cast(0 as bigint) as removals_undetermined,
    'reported' as removals_status
from people
group by all

-- Every country of citizenship has an ISO 3166-1 code.
-- table: removals_by_release
-- blocking: false
select
    release_id,
    citizenship_country,
    count(*) as rows
from removals_by_release
where citizenship_country is not null
    and citizenship_iso is null
group by
    release_id,
    citizenship_country
order by
    release_id,
    rows desc,
    citizenship_country

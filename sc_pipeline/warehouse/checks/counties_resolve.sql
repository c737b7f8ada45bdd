-- Every county written in a release resolves to a FIPS code.
-- table: quarantine
-- blocking: note
select
    release_id,
    value as county,
    count(*) as rows
from quarantine
where field in ('county', 'county_fips')
    and severity = 'warning'
group by
    release_id,
    value
order by
    release_id,
    rows desc,
    county

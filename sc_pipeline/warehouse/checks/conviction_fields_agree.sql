-- No record has conviction fields that disagree; where they do, the first in the order of the rule decides.
-- table: removals_by_release
-- blocking: note
with statements as (
    select
        release_id,
        criminality,
        msc_status,
        reported_threat_level,
        msc_code,
        starts_with(criminality, '1') as is_convicted,
        starts_with(criminality, '3') as is_without_charge,
        starts_with(upper(msc_status), 'CONVICT') as is_convicted_by_status
    from removals_by_release
),
disagreements as (
    select
        release_id,
        case
            when is_convicted and not is_convicted_by_status then 'criminality is convicted, the charge status is not'
            when not is_convicted and is_convicted_by_status then 'the charge status is convicted, criminality is not'
            when not is_convicted and reported_threat_level is not null then 'a level is stated, criminality is not convicted'
            when is_without_charge and msc_code <> '0000' then 'an offense code is there, criminality has no charge'
        end as disagreement
    from statements
)
select
    release_id,
    disagreement,
    count(*) as rows
from disagreements
where disagreement is not null
group by
    release_id,
    disagreement
order by
    release_id,
    disagreement

-- What became of the detainers prepared in a month: departures within a window, and detainers lifted or declined.
with counts as (
    select
        month,
        facility_state,
        facility_aor,
        biometric_match,
        count(*) as detainers,
        count(distinct person_id) as persons,
        count(person_id) as with_person,
        count(*) filter (where days_to_departure <= 90) as within_90_days,
        count(*) filter (where days_to_departure <= 365) as within_365_days,
        count(*) filter (where lift_reason is not null) as lifted,
        count(*) filter (where lower(lift_reason) like '%declined%') as declined,
        median(days_to_departure) filter (where days_to_departure <= 365) as median_days,
        count(*) filter (where days_to_departure is null and not is_told) as undetermined,
        bool_and(has_lift_reasons) as has_lift_reasons,
        min(departure_reason) as departure_reason,
        date_diff('day', last_day(month), min(release_ends)) as days_after
    from detainer_departures
    group by
        month,
        facility_state,
        facility_aor,
        biometric_match
),
statuses_of_windows as (
    -- A window that runs past the last day of the release is partial, or the newest months would fall by themselves.
    select
        counts.*,
        case
            when undetermined > 0 and within_90_days = 0 then departure_reason
            when days_after < 90 then 'partial'
            when undetermined > 0 then 'at_least'
            else 'reported'
        end as status_90_days,
        case
            when undetermined > 0 and within_365_days = 0 then departure_reason
            when days_after < 365 then 'partial'
            when undetermined > 0 then 'at_least'
            else 'reported'
        end as status_365_days
    from counts
)
select
    month,
    facility_state,
    facility_aor,
    biometric_match,
    detainers,
    'reported' as detainers_status,
    case when persons > 0 then persons end as persons,
    -- A detainer without an identifier may be of a person who is counted, or of another one.
    case
        when with_person = detainers then 'reported'
        when persons > 0 then 'at_least'
        else 'not_disclosed'
    end as persons_status,
    case when status_90_days in ('reported', 'at_least') then within_90_days end as departed_within_90_days,
    status_90_days as departed_within_90_days_status,
    case when status_365_days in ('reported', 'at_least') then within_365_days end as departed_within_365_days,
    status_365_days as departed_within_365_days_status,
    case when has_lift_reasons then lifted end as lifted,
    case when has_lift_reasons then declined end as declined,
    case when status_365_days in ('reported', 'at_least') then median_days end as median_days_to_departure,
    undetermined
from statuses_of_windows
order by
    month,
    facility_state,
    facility_aor,
    biometric_match

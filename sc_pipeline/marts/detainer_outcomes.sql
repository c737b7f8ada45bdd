-- What became of the detainers prepared in a month: departures within a window, and detainers lifted or declined.
with removal_days as (
    select
        release_id,
        max(departed_date) as last_day
    from removals_by_release
    group by release_id
),
detainer_days as (
    select
        release_id,
        greatest(max(detainer_prepare_date), coalesce(max(departed_date), max(detainer_prepare_date))) as last_day
    from detainers_by_release
    group by release_id
),
joinable_releases as (
    -- A person's departure can be found among the removals of the release where the identifiers of both tables meet.
    select
        release_id,
        max(matched_ids) > 0 as is_joinable
    from release_bases
    group by release_id
),
release_ends as (
    -- The last day of a release: as its manifest declares it, else of its rows.
    select
        days.release_id,
        coalesce(releases.covers_to, greatest(days.last_day, coalesce(removal_days.last_day, days.last_day))) as last_day,
        coalesce(joinable.is_joinable, false) as is_joinable
    from detainer_days as days
    inner join releases on releases.release_id = days.release_id
    left join removal_days on removal_days.release_id = days.release_id
    left join joinable_releases as joinable on joinable.release_id = days.release_id
),
persons as (
    select distinct
        release_id,
        person_id,
        detainer_prepare_date
    from detainers
    where person_id is not null
),
first_departures as (
    -- The first departure of the person on or after the day of preparation, within the release.
    select
        persons.release_id,
        persons.person_id,
        persons.detainer_prepare_date,
        min(removals.departed_date) as departed_date
    from persons
    inner join removals_by_release as removals
        on removals.release_id = persons.release_id
        and removals.person_id = persons.person_id
        and removals.departed_date >= persons.detainer_prepare_date
    group by
        persons.release_id,
        persons.person_id,
        persons.detainer_prepare_date
),
own_silences as (
    select
        release_id,
        month,
        max(case when field = 'detainers.departed_date' then reason end) as departure_reason,
        max(case when field = 'detainers.lift_reason' then reason end) as lift_reason_silent
    from silences
    where population = ''
        and field in ('detainers.departed_date', 'detainers.lift_reason')
    group by
        release_id,
        month
),
outcomes as (
    -- On the detainer's own record, else joined by person. Without a departure the outcome is known only where the
    -- record would show one, or where the person can be looked for.
    select
        detainers.release_id,
        detainers.month,
        coalesce(detainers.facility_state, '') as facility_state,
        coalesce(detainers.facility_aor, '') as facility_aor,
        coalesce(detainers.biometric_match, '') as biometric_match,
        detainers.person_id,
        silent.departure_reason,
        silent.lift_reason_silent is null as has_lift_reasons,
        detainers.lift_reason,
        ends.last_day,
        date_diff(
            'day',
            detainers.detainer_prepare_date,
            case
                when detainers.departed_date >= detainers.detainer_prepare_date then detainers.departed_date
                else departures.departed_date
            end
        ) as days_to_departure,
        silent.departure_reason is null
            or (ends.is_joinable and detainers.person_id is not null) as is_told
    from detainers
    inner join release_ends as ends on ends.release_id = detainers.release_id
    left join first_departures as departures
        on departures.release_id = detainers.release_id
        and departures.person_id = detainers.person_id
        and departures.detainer_prepare_date = detainers.detainer_prepare_date
    left join own_silences as silent
        on silent.release_id = detainers.release_id
        and silent.month = detainers.month
),
counts as (
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
        date_diff('day', last_day(month), min(last_day)) as days_after
    from outcomes
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

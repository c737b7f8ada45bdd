-- Of each detainer in use the first departure of its person on or after the day of preparation, and whether it is known.
-- by release: true
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
)
-- On the detainer's own record, else joined by person. Without a departure the outcome is known only where the record
-- would show one, or where the person can be looked for.
select
    detainers.release_id,
    detainers.source_file,
    detainers.source_sheet,
    detainers.source_row,
    detainers.month,
    coalesce(detainers.facility_state, '') as facility_state,
    coalesce(detainers.facility_aor, '') as facility_aor,
    coalesce(detainers.biometric_match, '') as biometric_match,
    detainers.person_id,
    detainers.lift_reason,
    silent.lift_reason_silent is null as has_lift_reasons,
    date_diff(
        'day',
        detainers.detainer_prepare_date,
        case
            when detainers.departed_date >= detainers.detainer_prepare_date then detainers.departed_date
            else departures.departed_date
        end
    ) as days_to_departure,
    silent.departure_reason is null
        or (ends.is_joinable and detainers.person_id is not null) as is_told,
    silent.departure_reason,
    ends.last_day as release_ends
from detainers
inner join release_ends as ends on ends.release_id = detainers.release_id
left join first_departures as departures
    on departures.release_id = detainers.release_id
    and departures.person_id = detainers.person_id
    and departures.detainer_prepare_date = detainers.detainer_prepare_date
left join own_silences as silent
    on silent.release_id = detainers.release_id
    and silent.month = detainers.month
order by
    detainers.release_id,
    detainers.source_file,
    detainers.source_sheet,
    detainers.source_row

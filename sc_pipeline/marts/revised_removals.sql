-- The removals that two releases in succession do not tell alike, where their identifiers agree: new, gone or changed.
with pairs as (
    select distinct
        population,
        month,
        older_release,
        newer_release
    from release_revisions
    where subset = 'all'
),
sided as (
    -- Of one person and day the first row of one release is compared with the first of the other, and so on.
    select
        pairs.older_release,
        pairs.newer_release,
        removals.release_id = pairs.older_release as is_older,
        row_number() over (
            partition by pairs.older_release, pairs.newer_release, removals.release_id, removals.population,
                removals.person_id, removals.departed_date
            order by removals.source_file, removals.source_sheet, removals.source_row
        ) as place,
        removals.*
    from pairs
    inner join removals_by_release as removals
        on removals.release_id in (pairs.older_release, pairs.newer_release)
        and removals.population = pairs.population
        and removals.month = pairs.month
    where removals.person_id is not null
),
known_persons as (
    select
        older_release,
        newer_release,
        population,
        person_id,
        bool_or(is_older) as is_in_older,
        bool_or(not is_older) as is_in_newer
    from sided
    group by
        older_release,
        newer_release,
        population,
        person_id
),
agreeing as (
    -- Identifiers agree where at least half of the older release's persons of these months are in the newer one too.
    select
        older_release,
        newer_release,
        population
    from known_persons
    where is_in_older
    group by
        older_release,
        newer_release,
        population
    having count(*) filter (where is_in_newer) * 2 >= count(*)
),
olders as (
    select sided.*
    from sided
    inner join agreeing
        on agreeing.older_release = sided.older_release
        and agreeing.newer_release = sided.newer_release
        and agreeing.population = sided.population
    where sided.is_older
),
newers as (
    select sided.*
    from sided
    inner join agreeing
        on agreeing.older_release = sided.older_release
        and agreeing.newer_release = sided.newer_release
        and agreeing.population = sided.population
    where not sided.is_older
),
left_over as (
    -- What has no row of that day in the other release, numbered within the person.
    select
        olders.*,
        row_number() over (
            partition by olders.older_release, olders.newer_release, olders.population, olders.person_id
            order by olders.departed_date, olders.place
        ) as turn
    from olders
    left join newers
        on newers.older_release = olders.older_release
        and newers.newer_release = olders.newer_release
        and newers.population = olders.population
        and newers.person_id = olders.person_id
        and newers.departed_date = olders.departed_date
        and newers.place = olders.place
    where newers.place is null
    union all
    select
        newers.*,
        row_number() over (
            partition by newers.older_release, newers.newer_release, newers.population, newers.person_id
            order by newers.departed_date, newers.place
        ) as turn
    from newers
    left join olders
        on olders.older_release = newers.older_release
        and olders.newer_release = newers.newer_release
        and olders.population = newers.population
        and olders.person_id = newers.person_id
        and olders.departed_date = newers.departed_date
        and olders.place = newers.place
    where olders.place is null
),
dropped as (
    select *
    from left_over
    where is_older
),
added as (
    select *
    from left_over
    where not is_older
),
fields as (
    select unnest([
        'citizenship_iso', 'departure_country', 'gender', 'birth_year', 'aor', 'state', 'county_fips', 'msc_code',
        'criminality', 'case_status'
    ]) as field
),
field_values as (
    -- A field counts as changed where both rows have a value and they differ.
    select
        olders.population,
        olders.month,
        olders.older_release,
        olders.newer_release,
        fields.field,
        case fields.field
            when 'citizenship_iso' then olders.citizenship_iso
            when 'departure_country' then olders.departure_country
            when 'gender' then olders.gender
            when 'birth_year' then cast(olders.birth_year as varchar)
            when 'aor' then olders.aor
            when 'state' then olders.state
            when 'county_fips' then olders.county_fips
            when 'msc_code' then olders.msc_code
            when 'criminality' then olders.criminality
            else olders.case_status
        end as older_value,
        case fields.field
            when 'citizenship_iso' then newers.citizenship_iso
            when 'departure_country' then newers.departure_country
            when 'gender' then newers.gender
            when 'birth_year' then cast(newers.birth_year as varchar)
            when 'aor' then newers.aor
            when 'state' then newers.state
            when 'county_fips' then newers.county_fips
            when 'msc_code' then newers.msc_code
            when 'criminality' then newers.criminality
            else newers.case_status
        end as newer_value,
        olders.source_file as older_file,
        olders.source_sheet as older_sheet,
        olders.source_row as older_row,
        newers.source_file as newer_file,
        newers.source_sheet as newer_sheet,
        newers.source_row as newer_row
    from olders
    inner join newers
        on newers.older_release = olders.older_release
        and newers.newer_release = olders.newer_release
        and newers.population = olders.population
        and newers.person_id = olders.person_id
        and newers.departed_date = olders.departed_date
        and newers.place = olders.place
    cross join fields
),
days as (
    -- One person's rows on other days are taken, in their order, for departures whose day was changed.
    select
        coalesce(gone.population, added.population) as population,
        coalesce(gone.month, added.month) as month,
        coalesce(gone.older_release, added.older_release) as older_release,
        coalesce(gone.newer_release, added.newer_release) as newer_release,
        cast(gone.departed_date as varchar) as older_value,
        cast(added.departed_date as varchar) as newer_value,
        gone.source_file as older_file,
        gone.source_sheet as older_sheet,
        gone.source_row as older_row,
        added.source_file as newer_file,
        added.source_sheet as newer_sheet,
        added.source_row as newer_row
    from dropped as gone
    full join added
        on added.older_release = gone.older_release
        and added.newer_release = gone.newer_release
        and added.population = gone.population
        and added.person_id = gone.person_id
        and added.turn = gone.turn
)
select
    population,
    month,
    older_release,
    newer_release,
    'changed' as outcome,
    field,
    older_value,
    newer_value,
    older_file,
    older_sheet,
    older_row,
    newer_file,
    newer_sheet,
    newer_row
from field_values
where older_value <> newer_value
union all
select
    population,
    month,
    older_release,
    newer_release,
    case
        when newer_row is null then 'gone'
        when older_row is null then 'new'
        else 'changed'
    end as outcome,
    case when older_row is not null and newer_row is not null then 'departed_date' else '' end as field,
    older_value,
    newer_value,
    older_file,
    older_sheet,
    older_row,
    newer_file,
    newer_sheet,
    newer_row
from days
order by
    population,
    month,
    older_release,
    newer_release,
    outcome,
    field,
    older_file,
    older_sheet,
    older_row,
    newer_file,
    newer_sheet,
    newer_row

-- What each release has of each population, month and subset: the count, what is undetermined, and the status.
with limits as (
    select
        max(value) filter (where name = 'detainer_window_days') as window_days,
        max(value) filter (where name = 'late_days') as late_days
    from constants
),
lacking as (
    select max(place) as lacking_place
    from statuses
    where status = 'not_in_release'
),
row_counts as (
    select
        release_id,
        population,
        month,
        count(*) as rows_total,
        count(person_id) as rows_with_id,
        count(*) filter (where convicted) as rows_convicted,
        count(*) filter (where not convicted) as rows_not_convicted,
        count(*) filter (where convicted is null) as rows_convicted_unknown,
        count(*) filter (where level1) as rows_level1,
        count(*) filter (where level1 is null) as rows_level1_unknown,
        count(*) filter (where detainer_linked) as rows_linked,
        count(*) filter (where not detainer_linked) as rows_unmatched,
        count(*) filter (where detainer_linked is null) as rows_linked_unknown,
        count(*) filter (where duplicate_likely) as duplicates,
        count(*) filter (where duplicate_likely and convicted) as duplicates_convicted,
        count(*) filter (where duplicate_likely and not convicted) as duplicates_not_convicted,
        count(*) filter (where duplicate_likely and level1) as duplicates_level1,
        count(*) filter (where duplicate_likely and detainer_linked) as duplicates_linked,
        min(departed_date) as first_departure,
        max(departed_date) as last_departure
    from removals_by_release
    group by
        release_id,
        population,
        month
),
coverages as (
    -- The days a release covers: as its manifest says, else from its first to its last departure.
    select
        counts.release_id,
        counts.population,
        coalesce(max(releases.covers_from), min(counts.first_departure)) as covers_from,
        coalesce(max(releases.covers_to), max(counts.last_departure)) as covers_to,
        max(releases.covers_from) is not null and max(releases.covers_to) is not null as is_declared
    from row_counts as counts
    left join releases on releases.release_id = counts.release_id
    group by
        counts.release_id,
        counts.population
),
covered_months as (
    -- Inside a declared coverage a month without rows is a true zero; elsewhere it is absent.
    select
        release_id,
        population,
        unnest(generate_series(cast(date_trunc('month', covers_from) as date), covers_to, interval 1 month)) as first_day
    from coverages
    where is_declared
),
record_months as (
    select release_id, population, month from row_counts
    union
    select release_id, population, cast(first_day as date) as month from covered_months
),
detainer_days as (
    select
        release_id,
        detainer_prepare_date,
        count(*) as detainers,
        count(person_id) as detainers_with_id
    from detainers_by_release
    group by
        release_id,
        detainer_prepare_date
),
recent_detainers as (
    -- Those prepared in the 365 days before the month's end: each without an identifier may belong to any removal.
    select
        months.release_id,
        months.population,
        months.month,
        sum(days.detainers) as detainers_total,
        sum(days.detainers_with_id) as detainers_with_id
    from record_months as months
    cross join limits
    inner join detainer_days as days
        on days.release_id = months.release_id
        and days.detainer_prepare_date <= last_day(months.month)
        and date_diff('day', days.detainer_prepare_date, last_day(months.month)) < limits.window_days
    group by
        months.release_id,
        months.population,
        months.month
),
month_facts as (
    select
        months.release_id,
        months.population,
        months.month,
        coalesce(counts.rows_total, 0) as rows_total,
        coalesce(counts.rows_with_id, 0) as rows_with_id,
        coalesce(counts.rows_convicted, 0) as rows_convicted,
        coalesce(counts.rows_not_convicted, 0) as rows_not_convicted,
        coalesce(counts.rows_convicted_unknown, 0) as rows_convicted_unknown,
        coalesce(counts.rows_level1, 0) as rows_level1,
        coalesce(counts.rows_level1_unknown, 0) as rows_level1_unknown,
        coalesce(counts.rows_linked, 0) as rows_linked,
        coalesce(counts.rows_linked_unknown, 0) as rows_linked_unknown,
        coalesce(counts.duplicates, 0) as duplicates,
        coalesce(counts.duplicates_convicted, 0) as duplicates_convicted,
        coalesce(counts.duplicates_not_convicted, 0) as duplicates_not_convicted,
        coalesce(counts.duplicates_level1, 0) as duplicates_level1,
        coalesce(counts.duplicates_linked, 0) as duplicates_linked,
        -- Each detainer without an identifier may belong to any removal without a match, and to one only.
        least(
            coalesce(counts.rows_unmatched, 0),
            coalesce(recent.detainers_total - recent.detainers_with_id, 0)
        ) as rows_perhaps_linked,
        case when bases.has_detainers_table then coalesce(recent.detainers_total, 0) end as detainers_total,
        case when bases.has_detainers_table then coalesce(recent.detainers_with_id, 0) end as detainers_with_id,
        bases.level_basis,
        coalesce(bases.has_detainers_table, false) as is_joined,
        -- A month the coverage cuts is partial, and so is one in the last days of a coverage that nobody declared.
        months.month < coverages.covers_from
            or last_day(months.month) > coverages.covers_to
            or (
                not coverages.is_declared
                and date_diff('day', last_day(months.month), coverages.covers_to) < limits.late_days
            ) as is_cut,
        -- So soon after the release's first detainer a removal without one tells nothing.
        coalesce(
            bases.has_detainers_table
            and date_diff('day', bases.first_detainer, months.month) < limits.window_days,
            false
        ) as is_early
    from record_months as months
    cross join limits
    inner join coverages
        on coverages.release_id = months.release_id
        and coverages.population = months.population
    left join row_counts as counts
        on counts.release_id = months.release_id
        and counts.population = months.population
        and counts.month = months.month
    left join recent_detainers as recent
        on recent.release_id = months.release_id
        and recent.population = months.population
        and recent.month = months.month
    left join release_bases as bases
        on bases.release_id = months.release_id
        and bases.population = months.population
),
subset_counts as (
    select
        facts.release_id,
        facts.population,
        facts.month,
        subsets.subset,
        case subsets.subset
            when 'all' then facts.rows_total
            when 'convicted' then facts.rows_convicted
            when 'not_convicted' then facts.rows_not_convicted
            when 'level1' then facts.rows_level1
            else facts.rows_linked
        end as removals,
        case subsets.subset
            when 'all' then 0
            when 'level1' then facts.rows_level1_unknown
            when 'detainer_linked' then facts.rows_linked_unknown
            else facts.rows_convicted_unknown
        end as rows_unknown,
        case
            when subsets.subset = 'detainer_linked' and facts.is_joined then facts.rows_perhaps_linked
            else 0
        end as rows_perhaps,
        case subsets.subset
            when 'all' then facts.duplicates
            when 'convicted' then facts.duplicates_convicted
            when 'not_convicted' then facts.duplicates_not_convicted
            when 'level1' then facts.duplicates_level1
            else facts.duplicates_linked
        end as duplicates,
        case when subsets.subset = 'level1' then facts.level_basis end as level_basis,
        facts.is_cut or (subsets.subset = 'detainer_linked' and facts.is_early) as is_partial,
        subsets.subset = 'detainer_linked' and facts.is_joined as is_joined,
        facts.rows_total,
        facts.rows_with_id,
        facts.detainers_total,
        facts.detainers_with_id
    from month_facts as facts
    cross join subsets
),
needed_fields as (
    -- What a subset needs: of fields that belong to a level basis, those of the release's own, if it has one; those of
    -- the join where there is a table to join.
    select
        counts.release_id,
        counts.population,
        counts.month,
        counts.subset,
        fields.way,
        statuses.place
    from subset_counts as counts
    inner join subset_fields as fields
        on fields.subset = counts.subset
        and (
            fields.level_basis is null
            or counts.level_basis is null
            or fields.level_basis = counts.level_basis
        )
        and (fields.way is null or fields.way <> 'joined' or counts.is_joined)
    left join silences
        on silences.release_id = counts.release_id
        and silences.population = counts.population
        and silences.month = counts.month
        and silences.field = fields.field
    left join statuses on statuses.status = silences.reason
),
ways as (
    -- One of the ways to tell is enough; a field without a way can only be a reason.
    select
        release_id,
        population,
        month,
        subset,
        way,
        min(place) filter (where place < lacking.lacking_place) as reason_place,
        way is not null and count(*) filter (where place = lacking.lacking_place) = 0 as is_there
    from needed_fields
    cross join lacking
    group by
        release_id,
        population,
        month,
        subset,
        way,
        lacking.lacking_place
),
silent_subsets as (
    -- Of several reasons the first in the order of statuses. What the release does not hold at all is skipped, and
    -- becomes the reason only where every way to tell is missing.
    select
        ways.release_id,
        ways.population,
        ways.month,
        ways.subset,
        coalesce(
            min(ways.reason_place),
            case when not bool_or(ways.is_there) then max(lacking.lacking_place) end
        ) as reason_place
    from ways
    cross join lacking
    group by
        ways.release_id,
        ways.population,
        ways.month,
        ways.subset
),
record_statuses as (
    -- Nothing is known where no row is in the subset, some may be, and a field that would tell is silent; a month
    -- without rows is a zero only of what the release tells at all.
    select
        counts.release_id,
        counts.population,
        counts.month,
        counts.subset,
        counts.removals,
        counts.rows_unknown + counts.rows_perhaps as undetermined,
        counts.rows_total > 0 and counts.rows_unknown = counts.rows_total as is_undetermined,
        case
            when reasons.status is not null
                and counts.removals = 0
                and (counts.rows_unknown + counts.rows_perhaps > 0 or counts.rows_total = 0)
                then reasons.status
            when counts.is_partial then 'partial'
            -- Cells of several kinds, none of which tells: no number, and no one reason.
            when counts.rows_total > 0 and counts.rows_unknown = counts.rows_total then 'not_disclosed'
            when counts.rows_unknown + counts.rows_perhaps > 0 then 'at_least'
            else 'reported'
        end as status,
        counts.level_basis,
        case when counts.rows_with_id > 0 or counts.rows_total = 0 then counts.duplicates end as duplicates,
        case when counts.is_joined then counts.rows_perhaps end as perhaps_joined,
        case when counts.is_joined then counts.rows_total end as rows_total,
        case when counts.is_joined then counts.rows_with_id end as rows_with_id,
        case when counts.is_joined then counts.detainers_total end as detainers_total,
        case when counts.is_joined then counts.detainers_with_id end as detainers_with_id
    from subset_counts as counts
    left join silent_subsets as silent
        on silent.release_id = counts.release_id
        and silent.population = counts.population
        and silent.month = counts.month
        and silent.subset = counts.subset
    left join statuses as reasons on reasons.place = silent.reason_place
),
record_figures as (
    select
        release_id,
        population,
        month,
        subset,
        -- A silent figure is null, and so is a partial one of which nothing is determined.
        case
            when statuses.is_silence or (statuses.status = 'partial' and is_undetermined) then null
            else removals
        end as removals,
        undetermined,
        statuses.status,
        'records' as origin,
        level_basis,
        case when not statuses.is_silence then duplicates end as likely_duplicates,
        perhaps_joined,
        rows_total,
        rows_with_id,
        detainers_total,
        detainers_with_id
    from record_statuses
    inner join statuses on statuses.status = record_statuses.status
),
printed_months as (
    select
        published_counts.release_id,
        published_counts.population,
        published_counts.month,
        published_counts.subset,
        max(published_counts.value) as removals,
        min(statuses.place) as status_place
    from published_counts
    inner join statuses on statuses.status = published_counts.status
    where published_counts.measure = 'removals'
    group by
        published_counts.release_id,
        published_counts.population,
        published_counts.month,
        published_counts.subset
),
published_figures_by_month as (
    select
        printed.release_id,
        printed.population,
        printed.month,
        printed.subset,
        printed.removals,
        case when printed.removals is not null then 0 end as undetermined,
        -- A number printed in one table is known, whatever another table withholds.
        case when printed.removals is not null then 'reported' else statuses.status end as status,
        'published' as origin,
        case when printed.subset = 'level1' then 'as_published' end as level_basis,
        cast(null as bigint) as likely_duplicates,
        cast(null as bigint) as perhaps_joined,
        cast(null as bigint) as rows_total,
        cast(null as bigint) as rows_with_id,
        cast(null as bigint) as detainers_total,
        cast(null as bigint) as detainers_with_id
    from printed_months as printed
    inner join statuses on statuses.place = printed.status_place
),
release_figures as (
    select * from record_figures
    union all
    select * from published_figures_by_month
)
select
    release_id,
    population,
    month,
    subset,
    removals,
    undetermined,
    status,
    origin,
    level_basis,
    likely_duplicates,
    perhaps_joined,
    rows_total,
    rows_with_id,
    detainers_total,
    detainers_with_id
from release_figures
order by
    release_id,
    population,
    month,
    subset,
    origin

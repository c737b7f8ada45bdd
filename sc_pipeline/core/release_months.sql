-- What each release says of each population, month and subset, and whether it can say it.
with record_counts as (
    select
        release_id,
        population,
        month,
        count(*) as rows_all,
        count(*) filter (where convicted) as rows_convicted,
        count(*) filter (where conviction_level = 1) as rows_level1,
        count(person_id) as rows_with_id,
        min(departed_date) as first_departure,
        max(departed_date) as last_departure
    from removals_by_release
    group by
        release_id,
        population,
        month
),
link_counts as (
    select
        release_id,
        population,
        month,
        count(*) as rows_linked,
        count(*) filter (where link_method = 'joined') as rows_joined
    from detainer_links
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
    from record_counts as counts
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
        cast(unnest(generate_series(
            cast(date_trunc('month', covers_from) as date),
            covers_to,
            interval 1 month
        )) as date) as month
    from coverages
    where is_declared
),
record_months as (
    select release_id, population, month from record_counts
    union
    select release_id, population, month from covered_months
),
disclosures as (
    select
        release_id,
        month,
        field,
        sum(disclosed) as disclosed,
        sum(redacted) as redacted,
        bool_or(column_present) as column_present
    from field_disclosure
    group by
        release_id,
        month,
        field
),
released_fields as (
    select
        release_id,
        field,
        bool_or(column_present) as column_present
    from field_disclosure
    group by
        release_id,
        field
),
needed_fields as (
    select distinct
        record_months.release_id,
        record_months.month,
        released_fields.field,
        released_fields.column_present as in_release
    from record_months
    inner join released_fields on released_fields.release_id = record_months.release_id
    where released_fields.field in (
        'reported_threat_level', 'msc_code', 'criminality', 'detainer_prepare_date', 'person_id',
        'detainers.person_id', 'detainers.detainer_prepare_date'
    )
),
withheld_months as (
    select distinct
        needed_fields.release_id,
        needed_fields.month,
        needed_fields.field
    from needed_fields
    inner join withheld_fields
        on withheld_fields.release_id = needed_fields.release_id
        and withheld_fields.field = needed_fields.field
        and withheld_fields.first_month <= needed_fields.month
        and coalesce(withheld_fields.last_month, needed_fields.month) >= needed_fields.month
),
usable_fields as (
    -- A field can be counted on in a month where its column is there, not every value that is not blank is
    -- redacted, and nothing says it was withheld. A wholly blank column counts: it says none.
    select
        needed_fields.release_id,
        needed_fields.month,
        needed_fields.field
    from needed_fields
    left join disclosures
        on disclosures.release_id = needed_fields.release_id
        and disclosures.month = needed_fields.month
        and disclosures.field = needed_fields.field
    left join withheld_months
        on withheld_months.release_id = needed_fields.release_id
        and withheld_months.month = needed_fields.month
        and withheld_months.field = needed_fields.field
    where withheld_months.field is null
        and coalesce(disclosures.column_present, needed_fields.in_release)
        and not (coalesce(disclosures.redacted, 0) > 0 and coalesce(disclosures.disclosed, 0) = 0)
),
detainer_spans as (
    -- A join by person can only speak of departures in the months its detainers span, or up to the declared end.
    select
        disclosures.release_id,
        min(disclosures.month) as first_month,
        greatest(max(disclosures.month), coalesce(max(releases.covers_to), max(disclosures.month))) as last_day
    from disclosures
    left join releases on releases.release_id = disclosures.release_id
    where disclosures.field = 'detainers.detainer_prepare_date'
        and disclosures.disclosed > 0
    group by disclosures.release_id
),
usable_months as (
    select
        release_id,
        month,
        bool_or(field in ('reported_threat_level', 'msc_code', 'criminality')) as has_convictions,
        bool_or(field in ('reported_threat_level', 'msc_code')) as has_levels,
        bool_or(field = 'detainer_prepare_date') as has_own_detainers,
        bool_or(field = 'person_id')
            and bool_or(field = 'detainers.person_id')
            and bool_or(field = 'detainers.detainer_prepare_date') as has_joinable_detainers
    from usable_fields
    group by
        release_id,
        month
),
month_facts as (
    select
        record_months.release_id,
        record_months.population,
        record_months.month,
        coalesce(counts.rows_all, 0) as rows_all,
        coalesce(counts.rows_convicted, 0) as rows_convicted,
        coalesce(counts.rows_level1, 0) as rows_level1,
        coalesce(link_counts.rows_linked, 0) as rows_linked,
        coalesce(link_counts.rows_joined, 0) as rows_joined,
        coalesce(counts.rows_with_id, 0) as rows_with_id,
        coalesce(usable_months.has_convictions, false) as has_convictions,
        coalesce(usable_months.has_levels, false) as has_levels,
        coalesce(usable_months.has_own_detainers, false)
            or (
                coalesce(usable_months.has_joinable_detainers, false)
                and coalesce(record_months.month between spans.first_month and spans.last_day, false)
            ) as has_detainers,
        -- A month the coverage cuts is partial.
        record_months.month < coverages.covers_from
            or last_day(record_months.month) > coverages.covers_to as is_partial
    from record_months
    inner join coverages
        on coverages.release_id = record_months.release_id
        and coverages.population = record_months.population
    left join record_counts as counts
        on counts.release_id = record_months.release_id
        and counts.population = record_months.population
        and counts.month = record_months.month
    left join link_counts
        on link_counts.release_id = record_months.release_id
        and link_counts.population = record_months.population
        and link_counts.month = record_months.month
    left join usable_months
        on usable_months.release_id = record_months.release_id
        and usable_months.month = record_months.month
    left join detainer_spans as spans on spans.release_id = record_months.release_id
),
subset_facts as (
    select *, 'all' as subset, rows_all as removals, true as is_disclosed from month_facts
    union all
    select *, 'convicted' as subset, rows_convicted as removals, has_convictions as is_disclosed from month_facts
    union all
    select *, 'level1' as subset, rows_level1 as removals, has_levels as is_disclosed from month_facts
    union all
    select *, 'detainer_linked' as subset, rows_linked as removals, has_detainers as is_disclosed from month_facts
),
record_statuses as (
    select
        release_id,
        population,
        month,
        subset,
        removals,
        case
            when not is_disclosed then 'withheld'
            when is_partial then 'partial'
            else 'reported'
        end as status,
        'records' as origin,
        rows_all as rows_total,
        rows_with_id,
        rows_joined
    from subset_facts
),
published_statuses as (
    select
        release_id,
        population,
        month,
        subset,
        max(value) as removals,
        case when max(value) is not null then 'reported' else min(status) end as status,
        'published' as origin,
        cast(null as bigint) as rows_total,
        cast(null as bigint) as rows_with_id,
        cast(null as bigint) as rows_joined
    from published_counts
    where measure = 'removals'
    group by
        release_id,
        population,
        month,
        subset
),
statuses as (
    select * from record_statuses
    union all
    select * from published_statuses
)
select
    release_id,
    population,
    month,
    subset,
    case when status in ('reported', 'partial') then removals end as removals,
    status,
    origin,
    rows_total,
    rows_with_id,
    rows_joined
from statuses
order by
    release_id,
    population,
    month,
    subset,
    origin

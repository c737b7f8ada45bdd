-- The figures of the report's text, over the latest months and over the months of the publications that print them.
with series_months as (
    select
        'removals' as measure,
        population,
        subset,
        month,
        removals as low,
        removals + undetermined as high,
        origin = 'published' as is_published,
        false as is_printed
    from monthly_removals
    where removals is not null
    union all
    -- An average of which every number is known to round to the same figure; else the printed one.
    select
        'average_12m' as measure,
        twelve.population,
        twelve.subset,
        twelve.month,
        cast(floor(averages.average_12m_low + 0.5) as bigint) as low,
        cast(floor(averages.average_12m_high + 0.5) as bigint) as high,
        twelve.is_published,
        false as is_printed
    from twelve_months as twelve
    inner join running_averages as averages
        on averages.month = twelve.month
        and averages.population = twelve.population
        and averages.subset = twelve.subset
    where averages.average_12m_low is not null
    union all
    select
        'average_12m' as measure,
        printed.population,
        printed.subset,
        printed.month,
        printed.average_12m as low,
        printed.average_12m as high,
        true as is_published,
        true as is_printed
    from printed_averages as printed
    left join running_averages as averages
        on averages.month = printed.month
        and averages.population = printed.population
        and averages.subset = printed.subset
    where averages.average_12m_low is null
),
series_spans as (
    select
        measure,
        population,
        subset,
        min(month) as first_month,
        max(month) as last_month
    from series_months
    group by
        measure,
        population,
        subset
),
shared_months as (
    -- The months in which all ICE removals, those under Secure Communities and those of them with a prior detainer all
    -- have a number: figures of one sentence share their span.
    select months.month
    from share_months as months
    where months.population = 'sc'
        and months.ice is not null
),
shared_spans as (
    select
        min(month) as first_month,
        max(month) as last_month
    from shared_months
),
share_spans as (
    select
        'last_5' as span,
        population,
        min(month) as first_month,
        max(month) as last_month
    from share_months
    where months_from_last <= 5
    group by population
    having count(*) = 5
    union all
    select
        'all' as span,
        population,
        min(month) as first_month,
        max(month) as last_month
    from share_months
    group by population
    union all
    select
        span,
        population,
        cast(max(month) - interval 11 month as date) as first_month,
        max(month) as last_month
    from detainer_shares
    where span = 'last_12_months'
    group by
        span,
        population
),
wanted_spans as (
    select
        figures.figure,
        cast(case figures.span
            when 'year_apart' then series.last_month - interval 11 month
            when 'one_month' then series.last_month
            else series.first_month
        end as date) as first_month,
        series.last_month,
        true as is_latest
    from figures
    inner join series_spans as series
        on series.measure = figures.measure
        and series.population = figures.population
        and series.subset = figures.subset
    where figures.span in ('year_apart', 'one_month', 'every_month')
    union all
    select
        figures.figure,
        shared.first_month,
        shared.last_month,
        true as is_latest
    from figures
    cross join shared_spans as shared
    where figures.span = 'shared_months'
        and shared.last_month is not null
    union all
    select
        figures.figure,
        shares.first_month,
        shares.last_month,
        true as is_latest
    from figures
    inner join share_spans as shares
        on shares.span = figures.span
        and shares.population = figures.population
    union all
    select
        figure,
        first_month,
        last_month,
        false as is_latest
    from published_figures
    where claim_id is null
),
wanted_figures as (
    select
        figures.figure,
        figures.kind,
        figures.span,
        figures.measure,
        figures.population,
        figures.subset,
        figures.unit,
        figures.method,
        wanted.first_month,
        wanted.last_month,
        (extract(year from wanted.last_month) - extract(year from wanted.first_month)) * 12
            + extract(month from wanted.last_month) - extract(month from wanted.first_month) + 1 as months_long,
        bool_or(wanted.is_latest) as is_latest
    from wanted_spans as wanted
    inner join figures on figures.figure = wanted.figure
    group by
        figures.figure,
        figures.kind,
        figures.span,
        figures.measure,
        figures.population,
        figures.subset,
        figures.unit,
        figures.method,
        wanted.first_month,
        wanted.last_month
),
series_sums as (
    -- A change rests on its two months; a total on every month of the span that has a number.
    select
        wanted.figure,
        wanted.first_month,
        wanted.last_month,
        count(*) as months_found,
        sum(months.low) as total_low,
        sum(months.high) as total_high,
        max(case when months.month = wanted.first_month then months.low end) as first_low,
        max(case when months.month = wanted.first_month then months.high end) as first_high,
        max(case when months.month = wanted.last_month then months.low end) as last_low,
        max(case when months.month = wanted.last_month then months.high end) as last_high,
        bool_or(months.is_published) as is_published,
        bool_or(months.is_printed) as is_printed
    from wanted_figures as wanted
    inner join series_months as months
        on months.measure = wanted.measure
        and months.population = wanted.population
        and months.subset = wanted.subset
        and months.month between wanted.first_month and wanted.last_month
    left join shared_months on shared_months.month = months.month
    where (wanted.kind = 'change' and months.month in (wanted.first_month, wanted.last_month))
        or (wanted.kind = 'total' and (wanted.span <> 'shared_months' or shared_months.month is not null))
    group by
        wanted.figure,
        wanted.first_month,
        wanted.last_month
),
share_bases as (
    select
        wanted.figure,
        wanted.first_month,
        wanted.last_month,
        months.month,
        months.detainer_linked,
        months.undetermined,
        case when wanted.kind = 'share_of_ice' then months.ice else months.removals end as base,
        months.is_published or (wanted.kind = 'share_of_ice' and months.is_ice_published) as is_published
    from wanted_figures as wanted
    inner join share_months as months
        on months.population = wanted.population
        and months.month between wanted.first_month and wanted.last_month
    where wanted.kind in ('share_of_population', 'share_of_ice')
),
share_sums as (
    select
        figure,
        first_month,
        last_month,
        count(*) as months_found,
        sum(detainer_linked) as detainer_linked,
        sum(undetermined) as undetermined,
        case when count(base) = count(*) then sum(base) end as base,
        bool_or(is_published) as is_published
    from share_bases
    group by
        figure,
        first_month,
        last_month
),
bounds as (
    select
        wanted.figure,
        wanted.first_month,
        wanted.last_month,
        wanted.unit,
        wanted.method,
        wanted.is_latest,
        wanted.kind,
        wanted.months_long,
        coalesce(series.months_found, shares.months_found) as months_found,
        coalesce(series.is_printed, false) as is_printed,
        coalesce(series.is_published, shares.is_published, false) as is_published,
        case
            when wanted.kind = 'change' then series.last_low - series.first_high
            when wanted.kind = 'total' then series.total_low
            else cast(shares.detainer_linked as double) / nullif(shares.base, 0)
        end as value_low,
        case
            when wanted.kind = 'change' then series.last_high - series.first_low
            when wanted.kind = 'total' then series.total_high
            else cast(shares.detainer_linked + shares.undetermined as double) / nullif(shares.base, 0)
        end as value_high,
        case
            when wanted.kind = 'change' then series.last_low - series.first_low
            when wanted.kind = 'total' then series.total_low
            when shares.undetermined * 20 <= shares.base
                then cast(shares.detainer_linked as double) / nullif(shares.base - shares.undetermined, 0)
        end as value
    from wanted_figures as wanted
    left join series_sums as series
        on series.figure = wanted.figure
        and series.first_month = wanted.first_month
        and series.last_month = wanted.last_month
    left join share_sums as shares
        on shares.figure = wanted.figure
        and shares.first_month = wanted.first_month
        and shares.last_month = wanted.last_month
)
-- Over the months that a publication names, every month must be there; over the latest, the method tells how many are.
select
    figure,
    first_month,
    last_month,
    case when is_latest or kind = 'change' or months_found = months_long then value end as value,
    case when is_latest or kind = 'change' or months_found = months_long then value_low end as value_low,
    case when is_latest or kind = 'change' or months_found = months_long then value_high end as value_high,
    unit,
    concat(
        method,
        case when is_printed then '; a printed average where twelve months are not all there' else '' end,
        case
            when kind <> 'change' and months_found < months_long
                then concat('; ', cast(months_found as varchar), ' of ', cast(months_long as varchar), ' months have a number')
            else ''
        end,
        case when value_low < value_high then '; at least: some removals are undetermined' else '' end
    ) as method,
    case when is_published then 'published' else 'records' end as origin,
    is_latest
from bounds
order by
    figure,
    first_month,
    last_month

-- The figures of the report's text, over the latest months and over the months of the publications that print them.
with figures as (
    select * from (values
        ('change_any_offense', 'change', 'year_apart', 'any_offense', null, 'removals',
            'convicted of any offense: last month less the month eleven before'),
        ('change_level1', 'change', 'year_apart', 'level1', null, 'removals',
            'convicted of a Level 1 offense: last month less the month eleven before'),
        ('change_any_offense_12m', 'change', 'year_apart', 'any_offense_12m', null, 'removals',
            '12-month average of any offense, rounded half up: last month less the month eleven before'),
        ('change_level1_12m', 'change', 'year_apart', 'level1_12m', null, 'removals',
            '12-month average of Level 1 offenses, rounded half up: last month less the month eleven before'),
        ('detainer_linked_share_of_sc', 'share', 'last_five', 'sc_detainer_linked', 'sc', 'share',
            'sum of detainer-linked over sum of Secure Communities removals'),
        ('detainer_linked_share_of_ice', 'share', 'last_five', 'sc_detainer_linked', 'ice', 'share',
            'sum of detainer-linked over sum of all ICE removals'),
        ('latest_any_offense_12m', 'total', 'one_month', 'any_offense_12m', null, 'removals',
            '12-month average of any offense, rounded half up'),
        ('latest_level1_12m', 'total', 'one_month', 'level1_12m', null, 'removals',
            '12-month average of Level 1 offenses, rounded half up'),
        ('total_ice', 'total', 'unbroken', 'ice', null, 'removals',
            'all ICE removals, over the latest unbroken run of reported months'),
        ('total_sc', 'total', 'unbroken', 'sc', null, 'removals',
            'Secure Communities removals, over the latest unbroken run of reported months'),
        ('total_sc_detainer_linked', 'total', 'unbroken', 'sc_detainer_linked', null, 'removals',
            'detainer-linked Secure Communities removals, over the latest unbroken run of reported months')
    ) as listed (figure, kind, span, series, base_series, unit, method)
),
monthly_series as (
    select * from (values
        ('any_offense', 'sc', 'convicted'),
        ('level1', 'sc', 'level1'),
        ('ice', 'ice', 'all'),
        ('sc', 'sc', 'all'),
        ('sc_detainer_linked', 'sc', 'detainer_linked')
    ) as listed (series, population, subset)
),
numbered_months as (
    select
        month,
        extract(year from month) * 12 + extract(month from month) as month_number,
        population,
        subset,
        removals,
        case when origin = 'published' then 1 else 0 end as is_published
    from monthly_removals
    where status = 'reported'
),
window_origins as (
    select
        month,
        population,
        subset,
        max(is_published) over (
            partition by population, subset
            order by month_number
            range between 11 preceding and current row
        ) as is_published
    from numbered_months
),
printed_averages as (
    select
        published_counts.month,
        published_counts.population,
        published_counts.subset,
        published_counts.value,
        row_number() over (
            partition by published_counts.month, published_counts.population, published_counts.subset
            order by releases.received desc nulls last, releases.release_id
        ) as place
    from published_counts
    inner join releases
        on releases.release_id = published_counts.release_id
        and releases.status in ('ready', 'kept')
    where published_counts.measure = 'average_12m'
        and published_counts.status = 'reported'
),
average_months as (
    select month, population, subset from running_averages
    union
    select month, population, subset from printed_averages
),
averages as (
    -- Where the twelve months are not all there, the printed average stands in, and the method says so.
    select
        average_months.month,
        average_months.population,
        average_months.subset,
        coalesce(floor(computed.average_12m + 0.5), printed.value) as value,
        case when computed.average_12m is null then 1 else window_origins.is_published end as is_published,
        case when computed.average_12m is null then 1 else 0 end as is_printed
    from average_months
    left join running_averages as computed
        on computed.month = average_months.month
        and computed.population = average_months.population
        and computed.subset = average_months.subset
    left join window_origins
        on window_origins.month = average_months.month
        and window_origins.population = average_months.population
        and window_origins.subset = average_months.subset
    left join printed_averages as printed
        on printed.month = average_months.month
        and printed.population = average_months.population
        and printed.subset = average_months.subset
        and printed.place = 1
),
series_months as (
    select
        monthly_series.series,
        numbered_months.month,
        cast(numbered_months.removals as double) as value,
        numbered_months.is_published,
        0 as is_printed
    from numbered_months
    inner join monthly_series
        on monthly_series.population = numbered_months.population
        and monthly_series.subset = numbered_months.subset
    union all
    select
        concat(monthly_series.series, '_12m') as series,
        averages.month,
        cast(averages.value as double) as value,
        averages.is_published,
        averages.is_printed
    from averages
    inner join monthly_series
        on monthly_series.population = averages.population
        and monthly_series.subset = averages.subset
    where averages.value is not null
),
runs as (
    -- Months in a row share the difference of their number and their place.
    select
        series,
        month,
        extract(year from month) * 12 + extract(month from month)
            - row_number() over (partition by series order by month) as run
    from series_months
),
run_spans as (
    select
        series,
        run,
        min(month) as first_month,
        max(month) as last_month
    from runs
    group by
        series,
        run
),
series_spans as (
    select
        series,
        max(last_month) as last_month,
        arg_max(first_month, last_month) as run_start
    from run_spans
    group by series
),
shared_spans as (
    select max(month) as last_month
    from detainer_shares
    where "window" = 'last_reported_5'
),
latest_windows as (
    select
        figures.figure,
        cast(case figures.span
            when 'year_apart' then series_spans.last_month - interval 11 month
            when 'one_month' then series_spans.last_month
            when 'unbroken' then series_spans.run_start
            else shared_spans.last_month - interval 4 month
        end as date) as first_month,
        case when figures.span = 'last_five' then shared_spans.last_month else series_spans.last_month end as last_month
    from figures
    inner join series_spans on series_spans.series = figures.series
    cross join shared_spans
),
windows as (
    select figure, first_month, last_month, true as is_latest
    from latest_windows
    where last_month is not null
    union all
    select figure, first_month, last_month, false as is_latest
    from published_figures
    where claim_id is null
),
wanted_figures as (
    select
        figures.figure,
        figures.kind,
        figures.series,
        figures.base_series,
        figures.unit,
        figures.method,
        windows.first_month,
        windows.last_month,
        (extract(year from windows.last_month) - extract(year from windows.first_month)) * 12
            + extract(month from windows.last_month) - extract(month from windows.first_month) + 1 as months_long,
        bool_or(windows.is_latest) as is_latest
    from windows
    inner join figures on figures.figure = windows.figure
    group by
        figures.figure,
        figures.kind,
        figures.series,
        figures.base_series,
        figures.unit,
        figures.method,
        windows.first_month,
        windows.last_month
),
used_months as (
    -- A change rests on its two months; a sum and a share on every month of the span.
    select
        wanted.figure,
        wanted.first_month,
        wanted.last_month,
        sum(months.value) as total,
        count(months.value) as months_found,
        max(case when months.month = wanted.first_month then months.value end) as first_value,
        max(case when months.month = wanted.last_month then months.value end) as last_value,
        max(months.is_published) as is_published,
        max(months.is_printed) as is_printed
    from wanted_figures as wanted
    inner join series_months as months
        on months.series = wanted.series
        and months.month between wanted.first_month and wanted.last_month
    where wanted.kind <> 'change' or months.month in (wanted.first_month, wanted.last_month)
    group by
        wanted.figure,
        wanted.first_month,
        wanted.last_month
),
base_months as (
    select
        wanted.figure,
        wanted.first_month,
        wanted.last_month,
        sum(months.value) as total,
        count(months.value) as months_found,
        max(months.is_published) as is_published
    from wanted_figures as wanted
    inner join series_months as months
        on months.series = wanted.base_series
        and months.month between wanted.first_month and wanted.last_month
    group by
        wanted.figure,
        wanted.first_month,
        wanted.last_month
)
select
    wanted.figure,
    wanted.first_month,
    wanted.last_month,
    case
        when wanted.kind = 'change' then used.last_value - used.first_value
        when used.months_found < wanted.months_long then null
        when wanted.kind = 'total' then used.total
        when base.months_found = wanted.months_long then used.total / nullif(base.total, 0)
    end as value,
    wanted.unit,
    case
        when used.is_printed = 1
            then concat(wanted.method, '; a printed average stands in where twelve months are not all there')
        else wanted.method
    end as method,
    case
        when coalesce(used.is_published, 0) = 1 or coalesce(base.is_published, 0) = 1 then 'published'
        else 'records'
    end as origin,
    wanted.is_latest
from wanted_figures as wanted
left join used_months as used
    on used.figure = wanted.figure
    and used.first_month = wanted.first_month
    and used.last_month = wanted.last_month
left join base_months as base
    on base.figure = wanted.figure
    and base.first_month = wanted.first_month
    and base.last_month = wanted.last_month
order by
    wanted.figure,
    wanted.first_month,
    wanted.last_month

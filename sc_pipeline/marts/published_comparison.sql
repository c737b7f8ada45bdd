-- Every printed figure beside the one computed from the data in use.
with ready_cells as (
    select
        published_counts.release_id as publication,
        concat(
            published_counts.table_name, ', ',
            substr(cast(published_counts.month as varchar), 1, 7), ', ',
            published_counts.source_column
        ) as cell_name,
        concat(published_counts.source_file, ' row ', cast(published_counts.source_row as varchar)) as place,
        published_counts.month,
        published_counts.population,
        published_counts.subset,
        published_counts.measure,
        cast(published_counts.value as double) as published
    from published_counts
    inner join releases
        on releases.release_id = published_counts.release_id
        and releases.status in ('ready', 'kept')
    where published_counts.status = 'reported'
),
named_cells as (
    -- Where two tables of a publication give one name to two cells, the place tells them apart.
    select
        publication,
        case
            when count(*) over (partition by publication, cell_name) > 1 then concat(cell_name, ', ', place)
            else cell_name
        end as cell,
        month,
        population,
        subset,
        measure,
        published
    from ready_cells
),
cell_pairs as (
    select
        cells.publication,
        cells.cell,
        cells.published,
        case
            when cells.measure = 'removals' then cast(monthly.removals as double)
            else floor(averages.average_12m_low + 0.5)
        end as computed_low,
        case
            when cells.measure = 'removals' then cast(monthly.removals + monthly.undetermined as double)
            else floor(averages.average_12m_high + 0.5)
        end as computed_high,
        'equals' as relation,
        case
            when cells.measure = 'removals' then monthly.origin
            when twelve.is_published then 'published'
            else 'records'
        end as origin,
        -- A printed figure beside itself proves nothing.
        cells.measure = 'removals'
            and monthly.origin = 'published'
            and monthly.release_id = cells.publication as is_itself
    from named_cells as cells
    left join monthly_removals as monthly
        on monthly.month = cells.month
        and monthly.population = cells.population
        and monthly.subset = cells.subset
    left join running_averages as averages
        on averages.month = cells.month
        and averages.population = cells.population
        and averages.subset = cells.subset
    left join twelve_months as twelve
        on twelve.month = cells.month
        and twelve.population = cells.population
        and twelve.subset = cells.subset
),
figure_pairs as (
    -- Rounded half up to the digits printed; a bound is compared unrounded.
    select
        printed.publication,
        printed.cell,
        printed.published,
        case
            when printed.relation = 'below' then figure_values.value_low
            else floor(figure_values.value_low * power(10, printed.decimals) + 0.5) / power(10, printed.decimals)
        end as computed_low,
        case
            when printed.relation = 'below' then figure_values.value_high
            else floor(figure_values.value_high * power(10, printed.decimals) + 0.5) / power(10, printed.decimals)
        end as computed_high,
        printed.relation,
        figure_values.origin,
        false as is_itself
    from published_figures as printed
    left join figure_values
        on figure_values.figure = printed.figure
        and figure_values.first_month = printed.first_month
        and figure_values.last_month = printed.last_month
    where printed.claim_id is null
),
claim_origins as (
    select
        claims.claim_id,
        max(case when monthly.origin = 'published' then 1 else 0 end) as is_published
    from claims
    inner join monthly_removals as monthly
        on monthly.population = claims.population
        and monthly.subset = claims.subset
        and monthly.month <= claims.last_day
        and last_day(monthly.month) >= claims.first_day
    group by claims.claim_id
),
claim_pairs as (
    -- What was counted over days is compared with what the days, or the months around them, allow.
    select
        printed.publication,
        printed.cell,
        printed.published,
        case printed.figure
            when 'claim_ratio'
                then floor(checks.ratio_low * power(10, printed.decimals) + 0.5) / power(10, printed.decimals)
            else cast(checks.observed_low as double)
        end as computed_low,
        case printed.figure
            when 'claim_ratio'
                then floor(checks.ratio_high * power(10, printed.decimals) + 0.5) / power(10, printed.decimals)
            else cast(checks.observed_high as double)
        end as computed_high,
        printed.relation,
        case when origins.is_published = 1 then 'published' else 'records' end as origin,
        false as is_itself
    from published_figures as printed
    left join claim_checks as checks on checks.claim_id = printed.claim_id
    left join claim_origins as origins on origins.claim_id = printed.claim_id
    where printed.claim_id is not null
),
pairs as (
    select * from cell_pairs
    union all
    select * from figure_pairs
    union all
    select * from claim_pairs
),
judged as (
    -- Against an interval: the same where both ends equal the printed figure, within, or it differs. Where only one
    -- end is known, a printed figure beyond it differs and any other cannot be judged.
    select
        publication,
        cell,
        published,
        computed_low,
        computed_high,
        origin,
        case
            when relation = 'below' and computed_high < published then 'same'
            when relation = 'below' and computed_low >= published then 'differs'
            when relation = 'equals' and (computed_low > published or computed_high < published) then 'differs'
            when computed_low is null or computed_high is null then 'not_computable'
            when computed_low < computed_high then 'within'
            when is_itself then 'same_figure'
            else 'same'
        end as verdict
    from pairs
)
select
    publication,
    cell,
    published,
    case when computed_low = computed_high then computed_low end as computed,
    computed_low,
    computed_high,
    case when computed_low = computed_high then computed_low - published end as difference,
    verdict,
    case when verdict <> 'not_computable' then origin end as origin
from judged
order by
    publication,
    cell

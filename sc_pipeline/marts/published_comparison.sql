-- Every printed figure beside the one computed from the data in use.
with ready_cells as (
    select
        published_counts.release_id as publication,
        concat(
            published_counts.table_name, ', ',
            substr(cast(published_counts.month as varchar), 1, 7), ', ',
            published_counts.source_column
        ) as cell_name,
        concat(published_counts.source_file, ' row ', published_counts.source_row) as place,
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
numbered_months as (
    select
        month,
        population,
        subset,
        case when status = 'reported' then removals end as removals,
        origin,
        extract(year from month) * 12 + extract(month from month) as month_number
    from monthly_removals
),
computed_months as (
    select
        numbered_months.month,
        numbered_months.population,
        numbered_months.subset,
        cast(numbered_months.removals as double) as removals,
        numbered_months.origin,
        floor(averages.average_12m + 0.5) as average_12m,
        -- One printed month among the twelve makes the average rest on a printed figure.
        max(case when numbered_months.origin = 'published' then 1 else 0 end) over (
            partition by numbered_months.population, numbered_months.subset
            order by numbered_months.month_number
            range between 11 preceding and current row
        ) as is_published_12m
    from numbered_months
    inner join running_averages as averages
        on averages.month = numbered_months.month
        and averages.population = numbered_months.population
        and averages.subset = numbered_months.subset
),
cell_pairs as (
    select
        cells.publication,
        cells.cell,
        cells.published,
        case when cells.measure = 'removals' then computed.removals else computed.average_12m end as computed,
        'equals' as relation,
        case
            when cells.measure = 'removals' then computed.origin
            when computed.is_published_12m = 1 then 'published'
            else 'records'
        end as origin
    from named_cells as cells
    left join computed_months as computed
        on computed.month = cells.month
        and computed.population = cells.population
        and computed.subset = cells.subset
),
figure_pairs as (
    select
        printed.publication,
        printed.cell,
        printed.published,
        -- Rounded half up to the digits printed; a bound is compared unrounded.
        case
            when printed.relation = 'below' then figure_values.value
            else floor(figure_values.value * power(10, printed.decimals) + 0.5) / power(10, printed.decimals)
        end as computed,
        printed.relation,
        figure_values.origin
    from published_figures as printed
    left join figure_values
        on figure_values.figure = printed.figure
        and figure_values.first_month = printed.first_month
        and figure_values.last_month = printed.last_month
    where printed.claim_id is null
),
claim_pairs as (
    -- What was counted over days can be computed only where records serve the days.
    select
        printed.publication,
        printed.cell,
        printed.published,
        case printed.figure
            when 'claim_ratio'
                then floor(exact.ratio_low * power(10, printed.decimals) + 0.5) / power(10, printed.decimals)
            else cast(exact.observed_low as double)
        end as computed,
        printed.relation,
        'records' as origin
    from published_figures as printed
    left join claim_checks as exact
        on exact.claim_id = printed.claim_id
        and exact.observed_low = exact.observed_high
    where printed.claim_id is not null
),
pairs as (
    select * from cell_pairs
    union all
    select * from figure_pairs
    union all
    select * from claim_pairs
)
select
    publication,
    cell,
    published,
    computed,
    computed - published as difference,
    case
        when computed is null then 'not_computable'
        when relation = 'below' and computed < published then 'same'
        when relation = 'equals' and computed = published then 'same'
        else 'differs'
    end as verdict,
    case when computed is not null then origin end as origin
from pairs
order by
    publication,
    cell

-- A release of a known production holds at least nine in ten of the rows that a whole delivery has in a fiscal year.
-- table: expected_rows
-- blocking: false
with spans as (
    -- Simulated releases hold fewer rows on purpose.
    select
        counts.release_id,
        counts.kind,
        min(counts.day) as first_day,
        max(counts.day) as last_day
    from (
        select release_id, 'removals' as kind, departed_date as day from removals_by_release
        union all
        select release_id, 'detainers' as kind, detainer_prepare_date as day from detainers_by_release
    ) as counts
    inner join releases
        on releases.release_id = counts.release_id
        and not releases.synthetic
    group by
        counts.release_id,
        counts.kind
),
years as (
    select release_id, 'removals' as kind, fiscal_year, count(*) as rows_there
    from removals_by_release
    group by release_id, fiscal_year
    union all
    select
        release_id,
        'detainers' as kind,
        cast(extract(year from month + interval 3 month) as bigint) as fiscal_year,
        count(*) as rows_there
    from detainers_by_release
    group by release_id, extract(year from month + interval 3 month)
)
select
    expected.release_id,
    expected.production,
    expected.fiscal_year,
    expected.rows as rows_expected,
    coalesce(years.rows_there, 0) as rows_there,
    expected.source
from expected_rows as expected
-- Only of a release that reaches from before the year to after it: one of its other years may be there alone.
inner join spans
    on spans.release_id = expected.release_id
    and spans.kind = expected.kind
    and extract(year from spans.first_day + interval 2 month) < expected.fiscal_year
    and extract(year from spans.last_day + interval 4 month) > expected.fiscal_year
left join years
    on years.release_id = expected.release_id
    and years.kind = expected.kind
    and years.fiscal_year = expected.fiscal_year
where coalesce(years.rows_there, 0) * 10 < expected.rows * 9
order by
    expected.release_id,
    expected.production,
    expected.fiscal_year

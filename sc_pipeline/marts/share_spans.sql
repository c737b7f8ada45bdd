-- The months of each span that a share is given over: a month by itself; twelve months in a row; a fiscal year as far as
-- it goes; the last five months that have a number, and all.
with months_of_spans as (
    select
        'month' as span,
        months.population,
        months.month as last_month,
        months.month
    from share_months as months
    union all
    select
        'last_12_months' as span,
        lasts.population,
        lasts.month as last_month,
        months.month
    from share_months as lasts
    inner join share_months as months
        on months.population = lasts.population
        and months.month_number between lasts.month_number - 11 and lasts.month_number
    union all
    select
        'fiscal_year' as span,
        months.population,
        max(months.month) over (
            partition by months.population, extract(year from months.month + interval 3 month)
        ) as last_month,
        months.month
    from share_months as months
    union all
    select
        'last_5' as span,
        months.population,
        max(months.month) over (partition by months.population) as last_month,
        months.month
    from share_months as months
    where months.months_from_last <= 5
    union all
    select
        'all' as span,
        months.population,
        max(months.month) over (partition by months.population) as last_month,
        months.month
    from share_months as months
),
counted as (
    select
        span,
        population,
        last_month,
        month,
        count(*) over (partition by span, population, last_month) as months_held
    from months_of_spans
)
select
    span,
    population,
    last_month,
    month,
    months_held
from counted
where span not in ('last_12_months', 'last_5')
    or (span = 'last_12_months' and months_held = 12)
    or (span = 'last_5' and months_held = 5)
order by
    span,
    population,
    last_month,
    month

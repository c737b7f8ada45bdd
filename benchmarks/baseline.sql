-- The shortest honest DuckDB script from the two CSV files to the tables people read: typed, checked, linked, counted.
-- No staging, no row numbers, no reasons, no lineage, no audit. `removals_csv`, `detainers_csv`, `reference` are set.
create macro redacted(x) as (x like '(B%' or x like 'B%(%') and regexp_full_match(
    x, '(\(?B\s*\)?\s*\(?\d\)?(\s*\(?[A-F]\)?)?[\s,;/&.]*(AND\s+)?)+');
create macro txt(x) as case when x not in ('NA', 'N/A', 'NULL', 'UNK', 'UNKNOWN') and not redacted(x) then x end;
create macro day(x) as cast(coalesce(
    try_strptime(x, ['%Y-%m-%d', '%Y-%m-%d %H:%M:%S', '%m/%d/%Y', '%m/%d/%y', '%d%b%y']),
    case when regexp_full_match(x, '\d{5}') then date '1899-12-30' + cast(x as integer) end) as date);
create macro past(x) as case when x between date '1900-01-01' and date '2025-07-31' then x end;
create macro cells(file) as table
    select nullif(upper(trim(columns(*))), '') from read_csv(file, header = true, skip = 6, all_varchar = true);

create temp table levels as select * from read_csv(getvariable('reference') || 'offense_levels.csv', all_varchar = true);
create temp table states as select * from read_csv(getvariable('reference') || 'states.csv', all_varchar = true);
create temp table counties as
    select state, upper(any_value(name)) as name, any_value(county_fips) as county_fips
    from read_csv(getvariable('reference') || 'counties.csv', all_varchar = true)
    group by state, upper(name);
create temp table codes as
    select lpad(cast(code as varchar), 4, '0') as code, min(cast(level as bigint)) as level
    from levels, unnest(generate_series(cast(code_from as integer), cast(code_to as integer))) as listed (code)
    group by code;

create temp table typed_removals as
select
    day("Departed Date") as departed_date,
    txt("Departure Country") as departure_country,
    txt("Port of Departure") as port_of_departure,
    lower(txt("Unique Identifier")) as person_id,
    txt("Citizenship Country") as citizenship_country,
    txt("Birth Country") as birth_country,
    case txt("Gender") when 'M' then 'MALE' when 'F' then 'FEMALE' when 'U' then null else "Gender" end as gender,
    try_cast("Birth Year" as bigint) as birth_year,
    past(day("Entry Date")) as entry_date,
    txt("Entry Status") as entry_status,
    txt("Case Criminality") as criminality,
    lpad(txt("MSC NCIC Charge Code"), 4, '0') as msc_code,
    txt("MSC NCIC Charge") as msc_charge,
    txt("MSC Criminal Charge Status") as msc_status,
    past(day("MSC Conviction Date")) as msc_conviction_date,
    case when txt("Case Threat Level") in ('1', '2', '3') then "Case Threat Level" end as reported_threat_level,
    past(day("Latest Person Apprehension Date")) as apprehension_date,
    txt("Final Program") as program,
    txt("Processing Disposition") as processing_disposition,
    txt("Case Status") as case_status,
    txt("Case Category") as case_category,
    txt("Final Order Yes No") as final_order,
    past(day("Final Order Date")) as final_order_date,
    txt("Final Charge Section Code") as charge_section,
    txt("Docket AOR") as aor,
    txt("Prior Deport Yes No") as prior_removal,
    coalesce(states.state, txt("Apprehension State")) as state,
    txt("Apprehension County") as county
from cells(getvariable('removals_csv'))
left join states on upper(states.name) = "Apprehension State";

create temp table typed_detainers as
select
    day("Detainer Prepare Date") as detainer_prepare_date,
    lower(txt("Unique Identifier")) as person_id,
    txt("Detention Facility") as facility,
    txt("Detention Facility Code") as facility_code,
    txt("Facility City") as facility_city,
    coalesce(states.state, txt("Facility State")) as facility_state,
    txt("Facility AOR") as facility_aor,
    txt("Detainer Prep Threat Level") as threat_level,
    lpad(txt("MSC Charge Code"), 4, '0') as msc_code,
    txt("Most Serious Conviction (MSC) Charge") as msc_charge,
    txt("Citizenship Country") as citizenship_country,
    txt("Birth Country") as birth_country,
    txt("Gender") as gender,
    try_cast("Birth Year" as bigint) as birth_year,
    past(day("Apprehension Date")) as apprehension_date,
    txt("Apprehension Method") as apprehension_method,
    day("Departed Date") as departed_date,
    txt("Detainer Lift Reason") as lift_reason,
    txt("Detainer Type") as detainer_type,
    txt("Biometric Match Yes No") as biometric_match,
    txt("Case Status") as case_status,
    txt("Case Category") as case_category
from cells(getvariable('detainers_csv'))
left join states on upper(states.name) = "Facility State";

-- Checked: a row counts only with a date that can be; what cannot count is set aside.
create macro possible(x) as coalesce(x between date '1990-01-01' and date '2025-08-31', false);
create table quarantine as
    select 'removals' as kind, columns(c -> c in ('departed_date', 'person_id')) from typed_removals
    where not possible(departed_date)
    union all
    select 'detainers', detainer_prepare_date, person_id from typed_detainers where not possible(detainer_prepare_date);
create temp table typed as
select
    typed.* exclude (county),
    cast(date_trunc('month', departed_date) as date) as month,
    codes.level as offense_level,
    -- The first of four fields that has a value decides; where none has one, the person is not convicted.
    case
        when criminality is not null then criminality like '1%'
        when msc_status is not null then not starts_with(msc_status, 'PENDING')
        when reported_threat_level is not null then true
        else coalesce(msc_code <> '0000', false)
    end as convicted,
    counties.name as county,
    counties.county_fips,
    doubled.person_id is not null as duplicate_likely
from typed_removals as typed
left join codes on codes.code = typed.msc_code
left join counties on counties.state = typed.state and counties.name = typed.county
left join (
    select person_id, departed_date from typed_removals group by all having count(*) > 1
) as doubled using (person_id, departed_date)
where possible(departed_date);
create table detainers as
select
    typed.*,
    cast(date_trunc('month', detainer_prepare_date) as date) as month,
    doubled.person_id is not null as duplicate_likely
from typed_detainers as typed
left join (
    select person_id, detainer_prepare_date from typed_detainers group by all having count(*) > 1
) as doubled using (person_id, detainer_prepare_date)
where possible(detainer_prepare_date);

-- Linked: the last detainer of the same person on or before the day of departure.
create temp table links as
select removals.person_id, removals.departed_date, max(detainer_prepare_date) as linked_detainer_date
from (select distinct person_id, departed_date from typed) as removals
inner join detainers on detainers.person_id = removals.person_id
    and detainer_prepare_date <= removals.departed_date
group by all;
-- Level 1: by the level that the person's case states; one that is not stated is unknown.
create table removals as
select
    typed.*,
    case when convicted then cast(reported_threat_level as bigint) end as conviction_level,
    case when convicted then reported_threat_level = '1' else false end as level1,
    linked_detainer_date is not null as detainer_linked
from typed
left join links using (person_id, departed_date);
create table level1_removals as from removals where level1;
create table detainer_linked_removals as
select removals.*, linked_detainer_date, departed_date - linked_detainer_date as days_to_departure
from removals
inner join links using (person_id, departed_date);
create table field_disclosure as
    unpivot (select month, count(*) as rows, count(columns(* exclude (month))) from removals group by month)
    on * exclude (month, rows) into name field value disclosed
    union all
    unpivot (select month, count(*) as rows, count(columns(* exclude (month))) from detainers group by month)
    on * exclude (month, rows) into name field value disclosed;

-- Counted.
create view subsets as
    select 'all' as subset, month, state, county_fips, county from removals
    union all select 'convicted', month, state, county_fips, county from removals where convicted
    union all select 'not_convicted', month, state, county_fips, county from removals where not convicted
    union all select 'level1', month, state, county_fips, county from level1_removals
    union all select 'detainer_linked', month, state, county_fips, county from detainer_linked_removals;
create table monthly_removals as select subset, month, count(*) as removals from subsets group by all order by all;
create table monthly_removals_by_place as
    select subset, month, state, county_fips, county, count(*) as removals from subsets group by all order by all;
create table running_averages as
select subset, month, removals, case when count(*) over twelve = 12 then avg(removals) over twelve end as average_12m
from monthly_removals
window twelve as (partition by subset order by month range between interval 11 month preceding and current row);
create table detainer_shares as
select month, max(removals) filter (subset = 'detainer_linked') / max(removals) filter (subset = 'all') as share
from monthly_removals group by month order by month;
create table convictions as
select month, max(removals) filter (subset = 'convicted') as any_offense, max(removals) filter (subset = 'level1') as level1
from monthly_removals group by month order by month;
create table removals_by_aor as select month, aor, count(*) as removals from removals group by all order by all;
create table removals_by_citizenship as
select month, citizenship_country, departure_country, count(*) as removals from removals group by all order by all;
create table removals_by_criminality as
select month, state, criminality, count(*) as removals from removals group by all order by all;
create table removals_by_offense as
select date_part('year', departed_date + interval 3 month) as fiscal_year, msc_code, any_value(msc_charge) as msc_charge,
    count(*) as removals
from removals where convicted group by all order by all;
create table detainer_lift_reasons as
select month, facility_state, lift_reason, count(*) as detainers from detainers group by all order by all;
create table detainer_outcomes as
select
    detainers.month, facility_state, facility_aor, biometric_match, count(*) as detainers,
    count(*) filter (next.departed_date <= detainer_prepare_date + 90) as departed_within_90_days,
    count(*) filter (next.departed_date <= detainer_prepare_date + 365) as departed_within_365_days,
    median(next.departed_date - detainer_prepare_date) as median_days_to_departure
from detainers
asof left join (select person_id, departed_date from removals) as next
    on next.person_id = detainers.person_id and next.departed_date >= detainer_prepare_date
group by all order by all;

-- What the tables of gold are made of: months, vintages, homes and their staffing, in sizes that national_gold.py sets as variables.

-- A stable number from 0 to 1 for anything that was hashed.
create macro share(hashed) as (hashed % 1000) / 1000.0;

create macro each_state_and_nation(name) as table
    select
        *,
        state as place
    from query_table(name)
    union all
    select
        *,
        'US' as place
    from query_table(name);

create table months as
select
    cast(date '2021-10-01' + to_months(cast(range as int)) as date) as month,
    concat(year(month), 'Q', quarter(month)) as quarter,
    day(last_day(month)) as days
from range(cast(36 - 3 * getvariable('quarters') as bigint), 36);

create table vintages as
select cast(date '2023-11-01' + to_months(cast(range as int)) as date) as processing_date
from range(cast(12 - getvariable('vintages') as bigint), 12);

create table homes as
select
    lpad(cast(15009 + range * 41 as varchar), 6, '0') as ccn_digits,
    string_split(
        'AL AK AZ AR CA CO CT DE DC FL GA GU HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO '
        || 'MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY', ' '
    )[1 + (range % 53)] as state,
    case when range % 57 = 3 then concat(ccn_digits[1:2], 'A', ccn_digits[4:6]) else ccn_digits end as ccn,
    case
        when range % 101 = 7 then '=HYPERLINK("x")' when range % 3 = 0 then 'MILLER''S MERRY MANOR' else
            concat('HOME ', cast(range as varchar), ' OF CARE')
    end as provider_name,
    ['HARTFORD', 'SAINT ANN''S', 'LAKE CITY', 'ESPAÑOLA'][1 + range % 4] as city,
    lpad(cast((range * 37) % 99999 as varchar), 5, '0') as zip_code,
    ['Adams', 'Baker', 'Clark', 'DeKalb'][1 + (range // 53) % 4] as county_name,
    ['For profit - Corporation', 'For profit - Limited Liability company', 'Non profit - Corporation', 'Government - County'][
        1 + (range // 7) % 4
    ] as ownership_type,
    split_part(ownership_type, ' - ', 1) as ownership_group,
    'Medicare and Medicaid' as provider_type,
    range % 20 = 0 as is_in_hospital,
    case when range % 2 = 0 then concat('CHAIN ', cast(range % 300 as varchar)) end as chain_name,
    case when range % 2 = 0 then cast(range % 300 as varchar) end as chain_id,
    40 + range % 160 as certified_beds,
    case when range % 90 = 5 then 'SFF' end as special_focus_status,
    range % 50 = 9 as has_abuse_icon,
    range as number
from range(cast(getvariable('facilities') as bigint));

create table staffing as
select
    homes.*,
    months.*,
    cast(round(certified_beds * days * (0.6 + 0.35 * share(hash(ccn, month)))) as bigint) as resident_days,
    cast(round(resident_days * 2 / 7) as bigint) as weekend_resident_days,
    cast(certified_beds * days as double) as bed_days,
    resident_days * (0.4 + 0.5 * share(hash(ccn, month, 'rn'))) as rn_hours,
    resident_days * (0.6 + 0.5 * share(hash(ccn, month, 'lpn'))) as lpn_hours,
    resident_days * (1.8 + 0.9 * share(hash(ccn, month, 'aide'))) as nurse_aide_hours,
    rn_hours + lpn_hours + nurse_aide_hours as total_nurse_hours,
    total_nurse_hours as total_nurse_hours_on_census_days,
    0.93 * total_nurse_hours as direct_care_hours,
    0.88 * total_nurse_hours * weekend_resident_days / nullif(resident_days, 0) as weekend_total_nurse_hours,
    0.7 * rn_hours * weekend_resident_days / nullif(resident_days, 0) as weekend_rn_hours,
    case when hash(ccn) % 3 = 0 then 0 else 0.2 * share(hash(ccn, quarter)) end as contract_share,
    total_nurse_hours * contract_share as contract_hours,
    contract_hours as contract_hours_as_published,
    total_nurse_hours - contract_hours as employee_hours,
    0.8 * rn_hours * contract_share as rn_contract_hours,
    1.2 * lpn_hours * contract_share as lpn_contract_hours,
    nurse_aide_hours * contract_share as nurse_aide_contract_hours,
    0.1 * rn_hours as rn_don_hours,
    0.2 * rn_hours as rn_admin_hours,
    0.7 * rn_hours as rn_direct_care_hours,
    0.1 * lpn_hours as lpn_admin_hours,
    0.9 * lpn_hours as lpn_direct_care_hours,
    0.9 * nurse_aide_hours as cna_hours,
    0.04 * nurse_aide_hours as na_training_hours,
    0.06 * nurse_aide_hours as med_aide_hours,
    total_nurse_hours * 0.06 * share(hash(ccn, month, 'surge')) as surge_hours,
    cast(number % 100 = 1 as bigint) as incomplete_days
from homes
cross join months;

create table staffing_quarters as
select
    ccn,
    state,
    quarter,
    sum(columns('_days$|_hours')),
    sum(total_nurse_hours) / nullif(sum(resident_days), 0) as hprd,
    sum(rn_hours) / nullif(sum(resident_days), 0) as rn_hprd_of_facility
from staffing
group by ccn, state, quarter;

create table staffing_by_kind as with kinds as (
    select
        *,
        case when is_in_hospital then 'In a hospital' else 'Not in a hospital' end as in_hospital,
        'Not published' as urban
    from staffing
)

unpivot kinds on ownership_group, ownership_type, provider_type, in_hospital, urban into name dimension value value;

create table readmission_measures as from (
    values ('vbp', 'SNFRM_BASELINE', 2019),
    ('vbp', 'SNFRM_PERFORMANCE', 2022),
    ('claims', '521_ADJUSTED', 2023),
    ('claims', '521_ADJUSTED', 2024),
    ('claims', '521_OBSERVED', 2024),
    ('claims', '521_EXPECTED', 2024),
    ('qrp', 'S_004_01_PPR_PD_OBS', 2023),
    ('qrp', 'S_004_01_PPR_PD_RSRR', 2023)
) as measures (source, measure_code, ends);

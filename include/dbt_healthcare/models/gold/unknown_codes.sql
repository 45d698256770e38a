{#- Words that CMS writes into a column, of which the seed `known_words` lists all that were seen so far; a condition where one is needed. -#}
{%- set word_columns = {
    'nh_provider_info': [
        'ownership_type', 'provider_type', 'special_focus_status', 'resident_family_council', 'sprinkler_systems',
    ],
    'nh_penalties': ['penalty_type'],
    'nh_health_citations': ['survey_type', 'deficiency_prefix', 'deficiency_category', 'scope_severity_code', 'deficiency_corrected'],
    'nh_fire_safety_citations': [
        'survey_type', 'deficiency_prefix', 'deficiency_category', 'scope_severity_code', 'deficiency_corrected', 'tag_version',
    ],
    'nh_survey_dates': ['survey_type'],
    'nh_quality_msr_mds': ['resident_type'],
    'nh_quality_msr_claims': ['resident_type'],
    'nh_ownership': ['role', 'owner_type'],
    'snf_qrp_provider_data': ['score'],
    'swing_bed_snf_data': ['score'],
} -%}
{%- set measure_families = [
    'nh_quality_msr_mds', 'nh_quality_msr_claims', 'snf_qrp_provider_data', 'snf_qrp_national_data', 'swing_bed_snf_data',
] -%}
{#- Footnotes of SNF VBP are sentences, not codes. -#}
{%- set footnotes = cms_families() | rejectattr('name', 'in', ['snf_vbp_facility_performance']) | list -%}
-- Measure codes, footnotes and words that CMS writes and that no catalog here explains: each is a question for whoever maintains them.
with

measure_catalog as (

    select * from {{ ref('measure_catalog') }}

),

footnotes as (

    select * from {{ ref('footnotes') }}

),

known_words as (

    select * from {{ ref('known_words') }}

),

measure_codes as (
    {% for family in measure_families %}
    select
        '{{ family }}' as family,
        'measure_code' as column_name,
        measure_code as written,
        _period,
        count(*) as rows_found
    from {{ ref(contract_of_family(family).silver_model) }}
    group by measure_code, _period
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

footnote_cells as (
    {%- set first = namespace(is_over=false) -%}
    {%- for family in footnotes %}
    {%- for column in family.footnotes %}
    {{ 'union all' if first.is_over }}
    {%- set first.is_over = true %}
    select
        '{{ family.name }}' as family,
        '{{ column }}' as column_name,
        {{ column }} as cell,
        _period,
        count(*) as rows_found
    from {{ ref(family.silver_model) }}
    where {{ column }} is not null
    group by {{ column }}, _period
    {%- endfor %}
    {%- endfor %}

),

-- a cell may hold several codes, separated by commas
footnote_codes as (
    {% for position in range(1, 6) %}
    select
        family,
        column_name,
        trim(split_part(cell, ',', {{ position }})) as written,
        _period,
        rows_found
    from footnote_cells
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

words as (
    {%- for family, columns in word_columns.items() %}
    {%- set of_family = loop %}
    {%- for column in columns %}
    select
        '{{ family }}' as family,
        '{{ column }}' as column_name,
        {{ column }} as written,
        _period,
        count(*) as rows_found
    from {{ ref(contract_of_family(family).silver_model) }}
    where
        {{ column }} is not null
        {%- if column == 'score' %}
        and measure_code like '%_COMP_PERF'
        {%- endif %}
    group by {{ column }}, _period
    {{ 'union all' if not (loop.last and of_family.last) }}
    {%- endfor %}
    {%- endfor %}

),

unknown as (

    select
        measure_codes.*,
        'measure code' as kind
    from measure_codes
    left join measure_catalog on measure_codes.written = measure_catalog.measure_code
    where measure_catalog.measure_code is null

    union all

    select
        footnote_codes.*,
        'footnote' as kind
    from footnote_codes
    left join footnotes on footnote_codes.written = footnotes.footnote_code
    where footnotes.footnote_code is null and footnote_codes.written <> ''

    union all

    select
        words.*,
        'word' as kind
    from words
    left join known_words
        on
            words.family = known_words.family
            and words.column_name = known_words.column_name
            and lower(words.written) = lower(known_words.word)
    where known_words.word is null

),

final as (

    select
        family,
        column_name,
        kind,
        written as value,
        cast(sum(rows_found) as bigint) as rows_found,
        min(_period) as first_period,
        max(_period) as last_period
    from unknown
    group by family, column_name, kind, written

)

select * from final

{# Calendar words: month = first day (date), quarter = 2024Q2, weekend = Saturday and Sunday. #}

{% macro month_of(date_column) -%}
    cast(date_trunc('month', {{ date_column }}) as date)
{%- endmacro %}

{% macro quarter_of(date_column) -%}
    cast(extract(year from {{ date_column }}) as varchar) || 'Q' || cast(extract(quarter from {{ date_column }}) as varchar)
{%- endmacro %}

{% macro is_weekend(date_column) -%}
    {{ return(adapter.dispatch('is_weekend')(date_column)) }}
{%- endmacro %}

{% macro default__is_weekend(date_column) -%}
    isodow({{ date_column }}) in (6, 7)
{%- endmacro %}

{% macro snowflake__is_weekend(date_column) -%}
    dayofweekiso({{ date_column }}) in (6, 7)
{%- endmacro %}

{# Whole days from one date to another (exclusive). #}
{% macro days_between(from_date, to_date) -%}
    datediff('day', {{ from_date }}, {{ to_date }})
{%- endmacro %}

{% macro add_months(date_column, months) -%}
    {{ return(adapter.dispatch('add_months')(date_column, months)) }}
{%- endmacro %}

{% macro default__add_months(date_column, months) -%}
    cast({{ date_column }} + interval ({{ months }}) month as date)
{%- endmacro %}

{% macro snowflake__add_months(date_column, months) -%}
    cast(add_months({{ date_column }}, {{ months }}) as date)
{%- endmacro %}

{# First day of a file's period: 2024Q2, 2024-10, 2024-10-27 or FY2024 (the federal fiscal year begins on 1 October). #}
{% macro period_start_date(period) -%}
    cast(
        case
            when {{ period }} like '____Q_'
                then left({{ period }}, 4) || case right({{ period }}, 1)
                    when '1' then '-01-01' when '2' then '-04-01' when '3' then '-07-01' else '-10-01' end
            when {{ period }} like 'FY____' then cast(cast(right({{ period }}, 4) as integer) - 1 as varchar) || '-10-01'
            when length({{ period }}) = 7 then {{ period }} || '-01'
            else {{ period }}
        end as date
    )
{%- endmacro %}

{# The federal fiscal year 2026 is 1 October 2025 to 30 September 2026. #}
{% macro fiscal_year_start_date(year) -%}
    cast(cast({{ year }} - 1 as varchar) || '-10-01' as date)
{%- endmacro %}

{% macro fiscal_year_end_date(year) -%}
    cast(cast({{ year }} as varchar) || '-09-30' as date)
{%- endmacro %}

{# FY2026 -> 2026. #}
{% macro programme_year(period) -%}
    cast(right({{ period }}, 4) as integer)
{%- endmacro %}

{#
  How many dates there are among days of one month. DuckDB marks them as bits of a number: for a count of distinct values it keeps
  every single row in memory, which all of history does not fit into.
#}
{% macro count_days_of_month(date_column) -%}
    {{ return(adapter.dispatch('count_days_of_month')(date_column)) }}
{%- endmacro %}

{% macro default__count_days_of_month(date_column) -%}
    count(distinct {{ date_column }})
{%- endmacro %}

{% macro duckdb__count_days_of_month(date_column) -%}
    coalesce(bit_count(bit_or(cast(1 as bigint) << cast(extract(day from {{ date_column }}) as integer))), 0)
{%- endmacro %}

{# The columns together make the grain: fails with each combination that stands more than once. #}
{% test unique_combination(model, columns) %}
    {{ config(severity='error') }}

    select
        {{ columns | join(', ') }},
        count(*) as rows_found
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

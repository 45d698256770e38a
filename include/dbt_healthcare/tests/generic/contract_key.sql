{#
  The key of the model's family, as its contract says it: every required cell is there, and a file holds each key once. Where there is
  no key, the line of the file tells rows apart. `is_unique: false` where uniqueness is tested in another, cheaper way.
#}
{% test contract_key(model, is_unique=true) %}
    {{ config(severity='error') }}

    {#- While dbt parses, a relation has no name yet. #}
    {%- set contract = contract_of_silver_model(model.identifier) if execute else {'key': [], 'required': []} -%}
    {%- set key = ['_file_md5'] + (contract.key or ['_source_row']) %}

    select
        {{ key | join(', ') }},
        'a required cell is blank' as what_is_wrong
    from {{ model }}
    where {{ (key + contract.required) | unique | join(' is null or ') }} is null
    {%- if is_unique %}
    union all
    select
        {{ key | join(', ') }},
        'the key stands more than once' as what_is_wrong
    from {{ model }}
    group by {{ key | join(', ') }}
    having count(*) > 1
    {%- endif %}
{% endtest %}

{# What the contract of a family says (`cms_families`), for the model or macro that asks. #}

{% macro contract_of_family(family) -%}
    {{ return(cms_families() | selectattr('name', 'equalto', family) | first) }}
{%- endmacro %}

{# The contract whose rows a silver model preserves; none for every other model. #}
{% macro contract_of_silver_model(model_name) -%}
    {%- set contracts = cms_families() | selectattr('silver_model', 'equalto', model_name) | list -%}
    {{ return(contracts[0] if contracts else none) }}
{%- endmacro %}

{#
  Whether silver keeps a row of bronze. Certification has numbered the rows of a file that have one key (the same cells, where there is
  no key): a second one is a copy of the first, unless the contract says that it is another event. Rows that were certified before
  they were numbered stay until their file is certified again.
#}
{% macro is_kept(family) -%}
    {{ 'true' if contract_of_family(family).repeats == 'event' else 'coalesce(_occurrence, 1) = 1' }}
{%- endmacro %}

{# Since when CMS no longer publishes a column: the first period without it. #}
{% macro withdrawn_since(family, column) -%}
    {{ period_start_date("'" ~ contract_of_family(family).withdrawn[column] ~ "'") }}
{%- endmacro %}

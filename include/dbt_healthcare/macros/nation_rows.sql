{#
  One aggregate gives the states and the nation (US): `state_or_nation` in the select list, `states_and_nation` in the
  group by clause. A row of a facility counts once in its state and once in the nation.
#}

{% macro state_or_nation(relation) -%}
    case when grouping({{ relation }}.state) = 1 then 'US' else {{ relation }}.state end
{%- endmacro %}

{% macro states_and_nation(relation, columns) -%}
    grouping sets (
        ({{ relation }}.state, {{ relation }}.{{ columns | join(', ' ~ relation ~ '.') }}),
        ({{ relation }}.{{ columns | join(', ' ~ relation ~ '.') }})
    )
{%- endmacro %}

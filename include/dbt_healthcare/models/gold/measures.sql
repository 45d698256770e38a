-- The ratios of gold as a table: numerator, denominator, scale and unit, for readers that add up facilities themselves.
with

final as (
    {% for name, stated in measures().items() %}
    select
        '{{ name }}' as measure,
        '{{ stated.numerator }}' as numerator,
        '{{ stated.denominator }}' as denominator,
        cast({{ stated.scale }} as bigint) as scale,
        '{{ stated.unit }}' as unit,
        {{ 'true' if stated.needs_denominator else 'false' }} as needs_denominator
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final

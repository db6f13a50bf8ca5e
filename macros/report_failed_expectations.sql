{% macro report_failed_expectations(results) %}
    {#- dbt itself would say only "Got 1 result": name the expectation, the subject, what was found and expected. -#}
    {% set result_table = ref('expectation_result') %}
    {% set ran = results | selectattr('node.name', 'equalto', 'expectation_result') | list %}
    {% if execute and ran and ran[0].status == 'success' %}
        {% set failed = run_query(
            "select suite, expectation, subject, observed, expected from " ~ result_table ~ " where not success"
        ) %}
        {% for row in failed.rows %}
            {% do log(
                "Expectation failed: " ~ row[0] ~ " / " ~ row[1] ~ " on " ~ row[2]
                ~ ": observed " ~ row[3] ~ ", expected " ~ row[4],
                info=True
            ) %}
        {% endfor %}
    {% endif %}
{% endmacro %}

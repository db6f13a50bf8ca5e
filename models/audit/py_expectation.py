def model(dbt, session):
    # Great Expectations takes seconds to import: only here.
    from expectations import runner

    marts = {
        "core.dim_region": dbt.ref("dim_region"),
        "core.dim_specialty": dbt.ref("dim_specialty"),
        "core.dim_indicator": dbt.ref("dim_indicator"),
        "core.dim_code": dbt.ref("dim_code"),
        "core.dim_release": dbt.ref("dim_release"),
        "core.dim_correction": dbt.ref("dim_correction"),
        "core.bridge_region_boundary": dbt.ref("bridge_region_boundary"),
        "core.bridge_region_contiguity": dbt.ref("bridge_region_contiguity"),
        "core.fct_observation": dbt.ref("fct_observation").filter(runner.HEADLINE),
        "core.fct_revision": dbt.ref("fct_revision").filter(runner.HEADLINE),
        "core.fct_control_total": dbt.ref("fct_control_total").query("totals", runner.CONTROL_TOTALS),
        "core.figure_revision": dbt.ref("figure_revision").filter(runner.HEADLINE),
        "core.headline_observation": dbt.ref("headline_observation"),
        "core.revision_summary": dbt.ref("revision_summary"),
        "core.about": dbt.ref("about"),
        "core.data_dictionary": dbt.ref("data_dictionary"),
        "regional.region_profile": dbt.ref("region_profile"),
        "regional.region_profile_harmonised": dbt.ref("region_profile_harmonised"),
        "regional.region_balance": dbt.ref("region_balance"),
        "specialty.region_specialty_balance": dbt.ref("region_specialty_balance"),
        "specialty.specialty_structure": dbt.ref("specialty_structure"),
        "specialty.region_specialty_structure": dbt.ref("region_specialty_structure"),
        "specialty.region_loss_decomposition": dbt.ref("region_loss_decomposition"),
        "specialty.loss_concentration": dbt.ref("loss_concentration"),
        "specialty.correspondence_coordinate": dbt.ref("correspondence_coordinate"),
        "national.external_balance_annual": dbt.ref("external_balance_annual"),
        "audit.cross_table_balance": dbt.ref("cross_table_balance"),
        "audit.table_coverage": dbt.ref("table_coverage"),
        "audit.identity_check": dbt.ref("identity_check"),
        "audit.release_log": dbt.ref("release_log"),
        "audit.run_log": dbt.ref("run_log"),
    }
    return runner.run(
        {name: relation.df() for name, relation in marts.items()},
        as_of=dbt.config.get("as_of").removeprefix("day "),
    )

def model(dbt, session):
    # Great Expectations takes seconds to import: only here.
    from expectations import runner

    return runner.run(
        {
            "core.fct_control_total": dbt.ref("fct_control_total").df(),
        }
    )

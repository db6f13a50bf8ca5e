from analysis_py.forecast import evaluate


def model(dbt, session):
    return evaluate(dbt.ref("forecast_external_balance").df(), dbt.ref("external_balance_annual").df())

from analysis_py.trend import change_points


def model(dbt, session):
    return change_points(dbt.ref("external_balance_annual").df())

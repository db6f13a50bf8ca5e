from analysis_py.trend import fit_trends


def model(dbt, session):
    return fit_trends(dbt.ref("external_balance_annual").df())

from analysis_py.annual import OF_POVERTY
from analysis_py.forecast import forecast_external_balance


def model(dbt, session):
    observations = dbt.ref("headline_observation").filter(OF_POVERTY).df()
    return forecast_external_balance(dbt.ref("external_balance_annual").df(), observations)

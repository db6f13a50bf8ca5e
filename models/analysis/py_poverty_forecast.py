from analysis_py.annual import OF_POVERTY
from analysis_py.poverty import forecast_poverty


def model(dbt, session):
    return forecast_poverty(dbt.ref("headline_observation").filter(OF_POVERTY).df())

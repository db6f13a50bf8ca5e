from analysis_py.annual import OF_POVERTY
from analysis_py.poverty import panel_regression


def model(dbt, session):
    return panel_regression(dbt.ref("headline_observation").filter(OF_POVERTY).df())

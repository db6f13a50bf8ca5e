from analysis_py.annual import OF_POVERTY
from analysis_py.poverty import series_tests


def model(dbt, session):
    return series_tests(dbt.ref("headline_observation").filter(OF_POVERTY).df())

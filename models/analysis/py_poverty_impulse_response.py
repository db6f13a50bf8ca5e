from analysis_py.annual import OF_POVERTY
from analysis_py.poverty import impulse_responses


def model(dbt, session):
    return impulse_responses(dbt.ref("headline_observation").filter(OF_POVERTY).df())

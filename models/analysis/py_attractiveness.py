from analysis_py.attractiveness import stacked


def model(dbt, session):
    return stacked(dbt.ref("region_profile").df())

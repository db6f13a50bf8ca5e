from analysis_py.regional import correlate_profiles


def model(dbt, session):
    return correlate_profiles(dbt.ref("region_profile").df())

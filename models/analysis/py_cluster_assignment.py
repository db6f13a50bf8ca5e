from analysis_py.regional import cluster_profiles


def model(dbt, session):
    return cluster_profiles(dbt.ref("region_profile").df()).assignment

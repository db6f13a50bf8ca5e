from analysis_py.region_clusters import stacked


def model(dbt, session):
    return stacked(
        dbt.ref("region_profile").df(),
        dbt.ref("region_profile_harmonised").df(),
        dbt.ref("dim_region").df(),
    )

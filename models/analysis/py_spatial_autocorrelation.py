from analysis_py.region_correlations import likeness_of_neighbours


def model(dbt, session):
    marts = (
        dbt.ref("region_profile"),
        dbt.ref("region_profile_harmonised"),
        dbt.ref("dim_region"),
        dbt.ref("bridge_region_contiguity"),
        dbt.ref("regression_influence"),
    )
    return likeness_of_neighbours(*(mart.df() for mart in marts))

from analysis_py.region_correlations import NOMINAL_INCOME_ROWS, correlate_regions


def model(dbt, session):
    marts = (
        dbt.ref("region_profile"),
        dbt.ref("region_profile_harmonised"),
        dbt.ref("dim_region"),
        dbt.ref("bridge_region_contiguity"),
        dbt.ref("headline_observation").filter(NOMINAL_INCOME_ROWS),
    )
    return correlate_regions(*(mart.df() for mart in marts))

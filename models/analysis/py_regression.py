from analysis_py.region_correlations import stacked_regressions


def model(dbt, session):
    marts = dbt.ref("region_profile"), dbt.ref("region_profile_harmonised")
    return stacked_regressions(*(mart.df() for mart in marts))

from analysis_py.region_correlations import regress_regions


def model(dbt, session):
    marts = dbt.ref("region_profile"), dbt.ref("region_profile_harmonised")
    return regress_regions(*(mart.df() for mart in marts)).terms

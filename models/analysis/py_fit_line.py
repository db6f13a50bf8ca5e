from analysis_py.region_correlations import NOMINAL_INCOME_ROWS, lines_of_regions


def model(dbt, session):
    income = dbt.ref("headline_observation").filter(NOMINAL_INCOME_ROWS)
    return lines_of_regions(dbt.ref("region_profile").df(), income.df())

from analysis_py.reading import read_correlations


def model(dbt, session):
    marts = (
        dbt.ref("correlation"),
        dbt.ref("partial_correlation"),
        dbt.ref("correlation_sensitivity"),
        dbt.ref("dim_indicator"),
    )
    return read_correlations(*(mart.df() for mart in marts))

from analysis_py.revision import summarise_revisions


def model(dbt, session):
    return summarise_revisions(dbt.ref("figure_revision").df(), dbt.ref("dim_indicator").df())

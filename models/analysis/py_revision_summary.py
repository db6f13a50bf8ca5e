from analysis_py.revision import COLUMNS, summarise_revisions


def model(dbt, session):
    return summarise_revisions(
        dbt.ref("figure_revision").select(*COLUMNS).df(), dbt.ref("dim_indicator").df()
    )

from analysis_py.article_metric import NEEDED, article_metrics


def model(dbt, session):
    revisions = dbt.ref("fct_revision").filter(NEEDED)
    return article_metrics(revisions.df(), dbt.ref("dim_region").df(), dbt.ref("dim_specialty").df())

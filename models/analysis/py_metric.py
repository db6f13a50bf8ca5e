from analysis_py.article_metric import NEEDED, article_metrics


def model(dbt, session):
    return article_metrics(dbt.ref("fct_revision").filter(NEEDED).df(), dbt.ref("dim_region").df())

from analysis_py.structure import loss_concentration


def model(dbt, session):
    return loss_concentration(dbt.ref("region_specialty_balance").df())

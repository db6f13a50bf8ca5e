from analysis_py.structure import region_loss_decomposition


def model(dbt, session):
    return region_loss_decomposition(
        dbt.ref("region_specialty_balance").df(), dbt.ref("region_profile").df(), dbt.ref("dim_region").df()
    )

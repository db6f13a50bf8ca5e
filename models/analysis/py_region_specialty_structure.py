from analysis_py.structure import region_specialty_structure


def model(dbt, session):
    return region_specialty_structure(
        dbt.ref("region_specialty_balance").df(), dbt.ref("region_profile").df()
    )

from analysis_py.structure import correspondence_coordinates


def model(dbt, session):
    return correspondence_coordinates(dbt.ref("region_specialty_balance").df())

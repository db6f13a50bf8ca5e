"""Statistics of the warehouse as pure functions: pandas or numpy in, pandas or numpy out.

No database, no files, no state, so that each function is tested against published values and against
other libraries, and runs the same inside a dbt Python model, a notebook or a test.
"""

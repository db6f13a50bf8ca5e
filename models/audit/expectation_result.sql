select
    cast(suite as string) as suite,
    cast(expectation as string) as expectation,
    cast(subject as string) as subject,
    cast(success as boolean) as success,
    cast(observed as string) as observed,
    cast(expected as string) as expected
from {{ ref('py_expectation') }}

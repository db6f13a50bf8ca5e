-- What failed is printed at the end of the run by the macro report_failed_expectations.
select
    suite,
    expectation,
    subject,
    observed,
    expected
from {{ ref('expectation_result') }}
where not success

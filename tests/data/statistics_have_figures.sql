-- A statistic of the regions that cannot be made stands with its status and reason, and the build goes on: this says
-- which. Those of short series are withheld as a rule; audit.analysis_gap lists them, too.
{{ config(severity='warn') }}

select
    mart,
    subject,
    status,
    reason,
    row_count
from {{ ref('analysis_gap') }}
where status not in ('ok', 'warning') and (
    mart like 'analysis.correlation%' or mart in (
        'analysis.partial_correlation', 'analysis.spatial_autocorrelation', 'analysis.regression', 'analysis.fit_line',
        'analysis.cluster_quality', 'analysis.attractiveness_index', 'analysis.attractiveness_indicator'
    )
)

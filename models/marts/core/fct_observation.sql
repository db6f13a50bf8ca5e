{{ config(materialized='view') }}

select {{ observation_columns() | join(', ') }}
from {{ ref('fct_revision') }}
where is_latest

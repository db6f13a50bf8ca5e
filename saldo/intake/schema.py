"""The shape of canonical rows: landing/rows/<release_id>.parquet, and Parquet files that are ingested."""

import pyarrow as pa

from saldo.intake.numbers import VALUE_TYPE

TEXT = pa.string()
ROWS = pa.schema(
    [
        ("table_name", TEXT),
        ("row_no", pa.int32()),
        ("column_no", pa.int32()),
        ("source_ref", TEXT),
        ("cell_kind", TEXT),
        ("indicator_code", TEXT),
        ("source_series", TEXT),
        ("label_set", TEXT),
        ("region_label", TEXT),
        ("specialty_code", TEXT),
        ("sex_code", TEXT),
        ("residence_code", TEXT),
        ("age_code", TEXT),
        ("partner_code", TEXT),
        ("period_start", pa.date32()),
        ("period_end", pa.date32()),
        ("printed_text", TEXT),
        ("value", VALUE_TYPE),
        ("decimals", pa.int32()),
        ("obs_status", TEXT),
        ("unit_code", TEXT),
    ]
)

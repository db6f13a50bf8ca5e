{{ printed_regions('bns_income_2026_09_30', last_column=6) }}

{{ printed_regions('bns_unemployment_2026_09_30', last_column=11) }}

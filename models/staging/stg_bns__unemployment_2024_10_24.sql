{{ printed_regions('bns_unemployment_2024_10_24', last_column=15) }}

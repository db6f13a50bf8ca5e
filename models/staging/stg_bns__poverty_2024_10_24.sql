{{ printed_regions('bns_poverty_2024_10_24', last_column=15) }}

{{ printed_regions('bns_population_2026_08_11', last_column=4, decimal_mark=',') }}

{{ printed_regions('bns_income_2023_01_03', last_column=22) }}

{{ printed_regions('bns_all_flows_2026_09_25', last_column=3) }}

{{ printed_regions('bns_internal_migration_2022_2024', last_column=10) }}

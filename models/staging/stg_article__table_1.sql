{{ printed_regions('article_table_1', last_column=6, decimal_mark=',') }}

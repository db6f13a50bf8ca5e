{{ vintages(ref('int_changed_statement'), only_changed=true) }}

{{ config(alias='specialty') }}

select
    structure.specialty_code,
    specialty.sort_order,
    specialty.name_en,
    specialty.name_ru,
    specialty.name_kk,
    structure.period_start,
    structure.period_end,
    structure.balance_persons,
    structure.loss_persons,
    structure.share_of_net,
    structure.share_of_losses
from {{ published('specialty_structure') }} as structure
inner join {{ published('dim_specialty') }} as specialty on structure.specialty_code = specialty.specialty_code
order by specialty.sort_order

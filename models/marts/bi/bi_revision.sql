{{ config(alias='revision') }}

select
    revision.indicator_code,
    indicator.name_en as indicator_en,
    indicator.name_ru as indicator_ru,
    indicator.name_kk as indicator_kk,
    revision.unit_code,
    {{ code_names('unit') }},
    revision.region_code,
    region.name_en,
    region.name_ru,
    region.name_kk,
    revision.specialty_code,
    coalesce(specialty.name_en, all_specialties_name.name_en) as specialty_en,
    coalesce(specialty.name_ru, all_specialties_name.name_ru) as specialty_ru,
    coalesce(specialty.name_kk, all_specialties_name.name_kk) as specialty_kk,
    revision.age_code,
    {{ code_names('age') }},
    revision.period_start,
    revision.period_end,
    revision.source_series,
    revision.first_value,
    revision.later_value,
    revision.revision,
    -- a balance crosses zero, and per cent of per cent would be misread
    case
        when not indicator.may_be_negative and revision.unit_code <> 'PT' and revision.later_value > 0
            then 100 * cast(revision.revision as double) / cast(revision.later_value as double)
    end as revision_percent,
    revision.first_release_id,
    first_release.title as first_release_title,
    first_release.title_ru as first_release_title_ru,
    first_release.title_kk as first_release_title_kk,
    first_release.published_on as first_published_on,
    revision.later_release_id,
    later_release.title as later_release_title,
    later_release.title_ru as later_release_title_ru,
    later_release.title_kk as later_release_title_kk,
    later_release.published_on as later_published_on
from {{ published('figure_revision') }} as revision
inner join {{ published('dim_indicator') }} as indicator on revision.indicator_code = indicator.indicator_code
inner join {{ published('dim_region') }} as region on revision.region_code = region.region_code
left join {{ published('dim_specialty') }} as specialty on revision.specialty_code = specialty.specialty_code
inner join {{ published('dim_release') }} as first_release on revision.first_release_id = first_release.release_id
inner join {{ published('dim_release') }} as later_release on revision.later_release_id = later_release.release_id
{{ join_code_names({
    'unit': ('unit', 'revision.unit_code'),
    'all_specialties': ('specialty', 'revision.specialty_code'),
    'age': ('age', 'revision.age_code'),
}) }}
where
    revision.age = 'latest'
    and revision.sex_code = '_T' and revision.residence_code = '_T' and revision.partner_code = '_T'
    -- the balance by specialty is of those aged 15 and over
    and revision.age_code in ('_T', 'Y_GT15')
order by revision.indicator_code, revision.period_start, revision.region_code

// One loader and one connection for all charts: they show the same version, whatever is published meanwhile.
import {open} from "../../saldo.js";

const rows = await open();
const [about] = await rows("select version_id, cast(built_at as varchar) as built_at, how_to_cite from core.about");
const regions = await rows(`
  select
    region_code, name_en, name_ru, name_kk, role, role_en, role_ru, role_kk,
    cast(migration_balance_persons as double) as balance_persons,
    balance_per_1000
  from bi.region
  order by migration_balance_persons
`);
const years = await rows(`
  select
    cast(year as double) as year, kind, cast(balance_persons as double) as balance_persons,
    forecast_persons, low_80, high_80
  from bi.external_balance
  order by year
`);
process.stdout.write(JSON.stringify({about, regions, years}));

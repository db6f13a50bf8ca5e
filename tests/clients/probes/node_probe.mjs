// What @duckdb/node-api sees in the published file: `node node_probe.mjs FILE FOLDER ANSWERS`.
// It writes rows as they are; clients.py makes digests of them.
import {copyFileSync, renameSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {join} from "node:path";
import {DuckDBInstance} from "@duckdb/node-api";

const [file, folder, answers] = process.argv.slice(2);
const VERSION = "select version_id from core.about";
const told = {versions: {}, answers: {}, errors: {}};
const require = createRequire(import.meta.url);

async function opened(path) {
  const instance = await DuckDBInstance.create(path, {access_mode: "READ_ONLY"});
  return [await instance.connect(), instance];
}

async function read(connection, query) {
  const reader = await connection.runAndReadAll(query);
  return {types: reader.columnTypes().map(String), rows: reader.getRowsJson()};
}

async function ask(check, question) {
  try {
    told.answers[check] = await question();
  } catch (error) {
    told.errors[check] = `${error.name}: ${error.message}`.slice(0, 600);
  }
}

const [connection] = await opened(file);
const tables = (await read(connection, "show all tables")).rows.map((row) => `${row[1]}.${row[2]}`).sort();
told.versions["@duckdb/node-api"] = require("@duckdb/node-api/package.json").version;

await ask("read only", async () => {
  try {
    await connection.run("create table core.written as select 1 as one");
  } catch (error) {
    return error.message.includes("read-only") ? "refused" : error.message;
  }
  return "written";
});
await ask("tables", () => tables);
await ask("rows", async () => {
  const found = {};
  for (const name of tables) found[name] = await read(connection, `from ${name}`);
  return found;
});
await ask("renamed", async () => {
  const copy = join(folder, "другое имя.duckdb");
  copyFileSync(file, copy);
  const [other] = await opened(copy);
  const found = {};
  for (const name of tables) found[name] = (await read(other, `from ${name}`)).rows.length;
  return found;
});
await ask("refresh", async () => {
  const held = join(folder, "held.duckdb");
  const [first, instance] = await opened(held);
  const before = (await read(first, VERSION)).rows[0][0];
  renameSync(join(folder, "next.duckdb"), held);
  const kept = (await read(first, VERSION)).rows[0][0];
  first.closeSync();
  instance.closeSync();
  const [again] = await opened(held);
  return {before, held: kept, reopened: (await read(again, VERSION)).rows[0][0]};
});
writeFileSync(answers, JSON.stringify(told));

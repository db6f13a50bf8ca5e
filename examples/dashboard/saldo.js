import {existsSync} from "node:fs";
import {DuckDBInstance} from "@duckdb/node-api";

const file = process.env.SALDO_FILE ?? "../../warehouse/saldo.duckdb";

/**
 * Opens the published file read-only and returns a function from a query to its rows as objects. JSON has one type of
 * number: cast whole and decimal numbers to double, or they come as texts.
 */
export async function open() {
  if (!existsSync(file)) {
    throw new Error(`${file} is not there: run make build, or name the file in SALDO_FILE`);
  }
  const instance = await DuckDBInstance.create(file, {access_mode: "READ_ONLY"});
  const connection = await instance.connect();
  return async (query) => (await connection.runAndReadAll(query)).getRowObjectsJson();
}

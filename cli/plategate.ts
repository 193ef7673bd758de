#!/usr/bin/env node
import { Command } from "commander";
import { packageVersion } from "../adapters/package/package";
import * as barrier from "./barrier";
import * as bench from "./bench";
import * as camera from "./camera";
import * as counts from "./counts";
import * as erase from "./erase";
import * as exporting from "./export";
import * as importing from "./import";
import * as key from "./key";
import * as licence from "./licence";
import * as read from "./read";
import * as replay from "./replay";
import * as start from "./start";
import * as user from "./user";
import * as vehicles from "./vehicles";

const program = new Command("plategate")
  .description("Read number plates and open gates")
  .version(packageVersion())
  .showHelpAfterError();
for (const command of [
  start,
  read,
  camera,
  barrier,
  bench,
  vehicles,
  replay,
  exporting,
  importing,
  erase,
  counts,
  user,
  key,
  licence,
]) {
  command.register(program);
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`plategate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

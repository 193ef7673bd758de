#!/usr/bin/env node
import { Command } from "commander";
import * as read from "./read";

const program = new Command("plategate").description("Read number plates and open gates");
read.register(program);
void program.parseAsync();

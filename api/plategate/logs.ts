import { z } from "zod";
import { LOG_LEVELS } from "../../adapters/log/log";
import { recentLog } from "../../adapters/log/recent";
import { json, operation } from "../operations";
import { filterText, instant } from "../schemas";

/** The last lines of the log; asked again with `after`, what has come since. */
export const readLogs = operation({
  id: "plategate.logs",
  permission: "system",
  summary: "The last lines of this process's log, oldest first, secrets masked",
  method: "get",
  path: "/api/v1/logs",
  input: {
    query: z.object({
      level: z.enum(LOG_LEVELS).default("info").describe("this one and what is worse"),
      text: filterText(100).describe("in the message or its fields"),
      after: z.coerce.number().int().min(0).default(0).describe("number of a line"),
      limit: z.coerce.number().int().min(1).max(1000).default(300),
    }),
  },
  replies: {
    200: {
      description: "Lines",
      body: z.object({
        items: z.array(
          z.object({
            number: z.number().int(),
            at: instant,
            level: z.enum(LOG_LEVELS),
            message: z.string(),
            fields: z.record(z.string(), z.unknown()),
          }),
        ),
        last: z.number().int().describe("ask for what comes after it"),
      }),
    },
  },
  handle(_context, { query: { level, text = "", after, limit } }) {
    const levels = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(level) + 1);
    // Another process's numbers after a restart: begin again.
    const from = after > recentLog.last ? 0 : after;
    const items = recentLog
      .after(from, { levels, text, limit })
      .map((line) => ({ ...line, at: new Date(line.at).toISOString() }));
    return json({ items, last: recentLog.last });
  },
});

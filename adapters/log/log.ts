import pino from "pino";
import { recentLog } from "./recent";
import { knownSecrets, redact, redactText } from "../../core/log/redact";

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Values beside the message, e.g. request_id. */
export type LogFields = Record<string, unknown>;

export interface AppLog {
  level: LogLevel;
  /** Writes a line, its secrets masked. */
  write(level: LogLevel, message: string, fields?: LogFields): void;
}

/** Where lines go; standard error unless a test takes them. */
export interface LogTarget {
  write(line: string): unknown;
  isTTY?: boolean | undefined;
}

/**
 * The program's log: a JSON object a line, or short lines for people (LOG_FORMAT=text,
 * the default on a terminal). LOG_LEVEL or PLATEGATE_LOG_LEVEL says how much.
 */
export function createLog(env: NodeJS.ProcessEnv, target: LogTarget = process.stderr): AppLog {
  const wanted = env.LOG_LEVEL || env.PLATEGATE_LOG_LEVEL || "info";
  const level = LOG_LEVELS.find((one) => one === wanted.toLowerCase()) ?? "info";
  const format = env.LOG_FORMAT || (target.isTTY ? "text" : "json");
  const sink = format === "text" ? textSink(target) : jsonSink(level, target);
  const secrets = knownSecrets(env);
  const least = LOG_LEVELS.indexOf(level);
  return {
    level,
    write(at, message, fields = {}) {
      if (LOG_LEVELS.indexOf(at) > least) return;
      const text = redactText(message, secrets);
      const shown = redact(fields, secrets) as LogFields;
      sink(at, text, shown);
      recentLog.add(at, text, shown, Date.now());
    },
  };
}

type Sink = (level: LogLevel, message: string, fields: LogFields) => void;

/** The fields that reference 3 shows: timestamp, level, event. */
function jsonSink(level: LogLevel, target: LogTarget): Sink {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "event",
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => void target.write(line) },
  );
  return (at, message, fields) => logger[at](fields, message);
}

function textSink(target: LogTarget): Sink {
  return (at, message, fields) => {
    const time = new Date().toISOString().slice(11, 19);
    const rest = Object.entries(fields)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(
        ([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
      );
    target.write(`${time} ${at.padEnd(5)} ${message}${rest.join("")}\n`);
  };
}

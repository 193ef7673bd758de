import { StoreError, type StoreErrorCode } from "../../core/events/errors";

const SQLITE: [RegExp, StoreErrorCode][] = [
  [/^SQLITE_FULL/, "full"],
  [/^SQLITE_(BUSY|LOCKED)/, "busy"],
  [/^SQLITE_CONSTRAINT_(PRIMARYKEY|UNIQUE|ROWID)/, "conflict"],
  [/^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/, "invalid"],
  [/^SQLITE_(IOERR|CANTOPEN|READONLY|CORRUPT|NOTADB|NOMEM|PERM|PROTOCOL)/, "unavailable"],
];

/** Class or code of SQLSTATE, see PostgreSQL's appendix A. */
const POSTGRES: [RegExp, StoreErrorCode][] = [
  [/^53100|^53200/, "full"],
  [/^23505/, "conflict"],
  [/^(22|23)/, "invalid"],
  [/^(40|55P03)/, "busy"],
  [/^(08|53|57|58|28|3D000|XX)/, "unavailable"],
];

const MYSQL: [RegExp, StoreErrorCode][] = [
  [/^ER_(DISK_FULL|RECORD_FILE_FULL|ERROR_ON_WRITE)/, "full"],
  [/^ER_DUP_/, "conflict"],
  [/^ER_(DATA_TOO_LONG|TRUNCATED|NO_REFERENCED|ROW_IS_REFERENCED|WARN_DATA|BAD_NULL)/, "invalid"],
  [/^ER_LOCK_/, "busy"],
  [/^(ER_(CON_COUNT|SERVER_SHUTDOWN|ACCESS_DENIED|BAD_DB|OUT_OF)|PROTOCOL_)/, "unavailable"],
];

/** Codes of sockets and files, the same for all. */
const SYSTEM: [RegExp, StoreErrorCode][] = [
  [/^(ENOSPC|EDQUOT|EFBIG)$/, "full"],
  [
    /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOST|ENET|EIO|EAI_|EMFILE|ENFILE|EACCES|EROFS)/,
    "unavailable",
  ],
];

export const sqliteError = (error: unknown): StoreError => translate(error, SQLITE);
export const postgresError = (error: unknown): StoreError => translate(error, POSTGRES);
export const mysqlError = (error: unknown): StoreError => translate(error, MYSQL);
/** Errors of files and sockets, and StoreErrors as they are. */
export const systemError = (error: unknown): StoreError => translate(error, []);

function translate(error: unknown, table: [RegExp, StoreErrorCode][]): StoreError {
  if (error instanceof StoreError) return error;
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const name = typeof code === "string" ? code : "";
  const text = typeof message === "string" && message !== "" ? message : String(error);
  const found = [...table, ...SYSTEM].find(([pattern]) => pattern.test(name))?.[1];
  // a mistake in the data or in this program does not go away by waiting
  const mistake = [TypeError, RangeError, SyntaxError, ReferenceError].some(
    (kind) => error instanceof kind,
  );
  if (name === "" && mistake) return new StoreError("invalid", text, { cause: error });
  // what is not known is taken for an outage: the event waits instead of being lost
  return new StoreError(found ?? "unavailable", name ? `${text} (${name})` : text, {
    cause: error,
  });
}

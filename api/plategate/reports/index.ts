import { configOperations } from "../../config/operations";
import type { Operation } from "../../operations";
import { scheduleKind, templateKind } from "./kinds";
import { reportOperations } from "./operations";

/** Reports: made, kept, repeated. */
export const allReportOperations: Operation[] = [
  ...reportOperations,
  ...configOperations(templateKind),
  ...configOperations(scheduleKind()),
];

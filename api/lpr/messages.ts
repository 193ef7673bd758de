import { z } from "zod";
import type { ErrorCode } from "../errors";
import { text } from "../schemas";

/** Cameras give their id as a text or a number. */
const cameraId = z
  .union([z.string(), z.number().int().transform(String)])
  .pipe(text(128).trim().min(1));
const place = text(500).nullish();

/** `camera_register` of reference 4; what else a camera tells of itself is let pass. */
export const registerSchema = z.looseObject({ camera_id: cameraId, location: place });

/** `lpr_data` of reference 4. Fields that it does not name are kept with the record. */
export const readSchema = z.looseObject({
  camera_id: cameraId.optional(),
  plate_number: text(128).min(1),
  /** Per cent. */
  confidence: z.number().min(0).max(100).nullish(),
  location: place,
  /** Base64 (also as a data URL), or the bytes themselves. */
  image_data: z.union([z.string(), z.instanceof(Buffer)]).nullish(),
});
export type LprRead = z.output<typeof readSchema>;

/** The fields of {@link readSchema}; the others are a camera's own. */
export const READ_FIELDS: readonly string[] = Object.keys(readSchema.shape);

export type Language = "en" | "th";

const TEXTS = {
  connected: { en: "Connected to the LPR server", th: "เชื่อมต่อกับเซิร์ฟเวอร์ LPR แล้ว" },
  joined: { en: "Joined the dashboard", th: "เข้าร่วมแดชบอร์ดแล้ว" },
  registered: { en: "Camera registered", th: "ลงทะเบียนกล้องแล้ว" },
  no_picture: {
    en: "image_data is not a picture; the record was kept without one",
    th: "image_data ไม่ใช่รูปภาพ บันทึกข้อมูลโดยไม่มีรูป",
  },
  waiting: {
    en: "The record waits and will be stored",
    th: "ข้อมูลรออยู่และจะถูกบันทึกภายหลัง",
  },
  no_plate: {
    en: "plate_number has no letter or digit",
    th: "plate_number ไม่มีตัวอักษรหรือตัวเลข",
  },
  no_camera: {
    en: "camera_id is missing and no camera is registered on this connection",
    th: "ไม่มี camera_id และยังไม่ได้ลงทะเบียนกล้องในการเชื่อมต่อนี้",
  },
  invalid: { en: "The message is not understood", th: "ข้อความไม่ถูกต้อง" },
  unauthenticated: { en: "Authentication required", th: "ต้องยืนยันตัวตน" },
  forbidden: { en: "You do not have the right to do this", th: "คุณไม่มีสิทธิ์ทำรายการนี้" },
  too_many: { en: "Too many messages", th: "ส่งข้อความถี่เกินไป" },
  too_many_cameras: { en: "Too many cameras", th: "จำนวนกล้องเกินกำหนด" },
  busy: { en: "Busy; send again later", th: "ระบบไม่ว่าง กรุณาส่งใหม่ภายหลัง" },
  failed: { en: "Internal error", th: "เกิดข้อผิดพลาดภายใน" },
} satisfies Record<string, Record<Language, string>>;
export type TextKey = keyof typeof TEXTS;

export function textOf(key: TextKey, language: Language): string {
  return TEXTS[key][language];
}

/** English, or Thai where a client's Accept-Language begins with it. */
export function languageOf(acceptLanguage: string | undefined): Language {
  return /^\s*th\b/i.test(acceptLanguage ?? "") ? "th" : "en";
}

/** What is wrong with a message; answered as the event `error`. */
export class LprError extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly key: TextKey,
    /** The field and what is wrong with it, where that is known. */
    readonly detail: string | null = null,
  ) {
    super(detail ?? key);
    this.name = "LprError";
  }
}

/** What a schema makes of a message. @throws LprError */
export function parseMessage<T extends z.ZodType>(schema: T, data: unknown): z.output<T> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const detail = issue ? `${issue.path.join(".") || "message"}: ${issue.message}` : null;
  throw new LprError("VALIDATION_ERROR", "invalid", detail);
}

import type { Language } from "../../core/notify/types";

/** What the bot says. */
export interface BotTexts {
  help: string;
  notYou: string;
  tooOld: string;
  noBarrier: string;
  which: string;
  sure: (barrier: string) => string;
  open: string;
  cancel: string;
  over: string;
  cancelled: string;
  outcomes: Record<"done" | "refused" | "failed" | "ignored", (barrier: string) => string>;
  /** Why an open was not carried out; what a person can do nothing with is left to the audit log. */
  reasons: Partial<Record<string, string>>;
  status: string;
  inside: string;
  states: Record<string, string>;
  modes: Record<string, string>;
  failed: string;
}

export const BOT_TEXTS: Record<Language, BotTexts> = {
  en: {
    help: "/status – gates and vehicles inside\n/open – open a gate",
    notYou: "You may not do this.",
    tooOld: "That is more than 30 seconds old: nothing was done. Send it again.",
    noBarrier: "There is no such gate.",
    which: "Which gate?",
    sure: (barrier) => `Open ${barrier}?`,
    open: "Open",
    cancel: "Cancel",
    over: "This question is over. Send /open again.",
    cancelled: "Nothing was opened.",
    outcomes: {
      done: (barrier) => `✅ ${barrier} opens.`,
      refused: (barrier) => `⛔ ${barrier} stays shut`,
      failed: (barrier) => `⚠️ ${barrier} did not answer`,
      ignored: (barrier) => `${barrier}: nothing to do`,
    },
    reasons: {
      locked: "it is locked",
      held_open: "it is held open",
      barrier_fault: "it reports a fault",
      too_late: "it took too long, send /open again",
      busy: "too many commands wait, try again",
      stopping: "Plategate is restarting, try again",
      superseded: "another command came after it",
      lock_down: "lock-down",
    },
    status: "Gates",
    inside: "Vehicles inside",
    states: {
      closed: "closed",
      opening: "opening",
      open: "open",
      closing: "closing",
      held: "held open",
      locked: "locked",
      fault: "fault",
      unknown: "not known",
    },
    modes: { lock_down: "🔒 Lock-down", emergency_open: "🚨 Emergency: gates are open" },
    failed: "That did not work. Try again.",
  },
  th: {
    help: "/status – ประตูและรถที่อยู่ข้างใน\n/open – เปิดประตู",
    notYou: "คุณไม่มีสิทธิ์ทำสิ่งนี้",
    tooOld: "คำสั่งนี้เก่ากว่า 30 วินาที จึงไม่ได้ทำอะไร กรุณาส่งใหม่",
    noBarrier: "ไม่มีประตูนี้",
    which: "ประตูไหน?",
    sure: (barrier) => `เปิด ${barrier} หรือไม่?`,
    open: "เปิด",
    cancel: "ยกเลิก",
    over: "คำถามนี้หมดเวลาแล้ว กรุณาส่ง /open ใหม่",
    cancelled: "ไม่ได้เปิดประตูใด",
    outcomes: {
      done: (barrier) => `✅ กำลังเปิด ${barrier}`,
      refused: (barrier) => `⛔ ${barrier} ไม่เปิด`,
      failed: (barrier) => `⚠️ ${barrier} ไม่ตอบสนอง`,
      ignored: (barrier) => `${barrier}: ไม่มีอะไรต้องทำ`,
    },
    reasons: {
      locked: "ถูกล็อกไว้",
      held_open: "เปิดค้างอยู่แล้ว",
      barrier_fault: "แจ้งว่าขัดข้อง",
      too_late: "ใช้เวลานานเกินไป ส่ง /open ใหม่",
      busy: "มีคำสั่งรออยู่มากเกินไป ลองใหม่",
      stopping: "Plategate กำลังเริ่มใหม่ ลองอีกครั้ง",
      superseded: "มีคำสั่งอื่นมาแทน",
      lock_down: "ปิดล็อกทั้งหมด",
    },
    status: "ประตู",
    inside: "รถที่อยู่ข้างใน",
    states: {
      closed: "ปิด",
      opening: "กำลังเปิด",
      open: "เปิด",
      closing: "กำลังปิด",
      held: "เปิดค้าง",
      locked: "ล็อก",
      fault: "ขัดข้อง",
      unknown: "ไม่ทราบสถานะ",
    },
    modes: { lock_down: "🔒 ปิดล็อกทั้งหมด", emergency_open: "🚨 ฉุกเฉิน: ประตูเปิดอยู่" },
    failed: "ไม่สำเร็จ กรุณาลองใหม่",
  },
};

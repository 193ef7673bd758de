import type { ListName } from "../../core/events/lists";
import type { Period, ReportLanguage } from "../../core/reports/types";

/** What reports say. */
export interface ReportTexts {
  period: string;
  made: string;
  filter: string;
  all: string;
  passages: string;
  vehicles: string;
  confidence: string;
  page: string;
  total: string;
  columns: string[];
  byDay: string;
  byDecision: string;
  byList: string;
  byCamera: string;
  byHour: string;
  count: string;
  /** Placeholder: {rows} */
  cut: string;
  decisions: Record<string, string>;
  lists: Record<ListName, string>;
  periods: Record<Period, string>;
  directions: Record<string, string>;
  mail: string;
  mailTooLarge: string;
}

const TEXTS: Record<ReportLanguage, ReportTexts> = {
  en: {
    period: "Period",
    made: "Made",
    filter: "Passages",
    all: "all",
    passages: "Passages",
    vehicles: "Different plates",
    confidence: "Mean confidence",
    page: "Page",
    total: "Total",
    columns: [
      "Time",
      "Plate",
      "Confidence",
      "Decision",
      "Reason",
      "Vehicle",
      "Camera",
      "Lane",
      "Direction",
      "Time to open, s",
    ],
    byDay: "By day",
    byDecision: "By decision",
    byList: "By list",
    byCamera: "By camera",
    byHour: "By hour of the day",
    count: "Passages",
    cut: "Only the first {rows} lines are in this PDF. CSV and XLSX hold all of them.",
    decisions: { open: "Open", deny: "Closed", review: "Review", none: "Undecided" },
    lists: {
      vehicles: "Vehicles",
      visitors: "Visitors",
      deny_list: "Barred plates",
      watch_list: "Watch list",
      none: "On no list",
    },
    periods: {
      today: "today",
      yesterday: "yesterday",
      last_7_days: "last 7 days",
      last_week: "last week",
      this_month: "this month",
      last_month: "last month",
      custom: "as chosen",
    },
    directions: { towards: "towards", away: "away", unknown: "" },
    mail: "The report is attached.",
    mailTooLarge: "The report is too large for a mail: fetch it on the page Reports.",
  },
  th: {
    period: "ช่วงเวลา",
    made: "จัดทำเมื่อ",
    filter: "รายการผ่าน",
    all: "ทั้งหมด",
    passages: "จำนวนการผ่าน",
    vehicles: "จำนวนป้ายทะเบียน",
    confidence: "ความมั่นใจเฉลี่ย",
    page: "หน้า",
    total: "รวม",
    columns: [
      "เวลา",
      "ป้ายทะเบียน",
      "ความมั่นใจ",
      "ผลการตัดสิน",
      "เหตุผล",
      "ยานพาหนะ",
      "กล้อง",
      "ช่องทาง",
      "ทิศทาง",
      "เวลาเปิด (วินาที)",
    ],
    byDay: "รายวัน",
    byDecision: "ตามผลการตัดสิน",
    byList: "ตามรายชื่อ",
    byCamera: "ตามกล้อง",
    byHour: "ตามชั่วโมงของวัน",
    count: "จำนวนการผ่าน",
    cut: "PDF นี้มีเฉพาะ {rows} บรรทัดแรก ไฟล์ CSV และ XLSX มีครบทุกบรรทัด",
    decisions: { open: "เปิด", deny: "ปิด", review: "รอตรวจสอบ", none: "ยังไม่ตัดสิน" },
    lists: {
      vehicles: "ยานพาหนะ",
      visitors: "ผู้มาติดต่อ",
      deny_list: "ป้ายต้องห้าม",
      watch_list: "รายการเฝ้าระวัง",
      none: "ไม่อยู่ในรายชื่อ",
    },
    periods: {
      today: "วันนี้",
      yesterday: "เมื่อวาน",
      last_7_days: "7 วันที่ผ่านมา",
      last_week: "สัปดาห์ที่แล้ว",
      this_month: "เดือนนี้",
      last_month: "เดือนที่แล้ว",
      custom: "ตามที่เลือก",
    },
    directions: { towards: "เข้าหากล้อง", away: "ออกจากกล้อง", unknown: "" },
    mail: "รายงานอยู่ในไฟล์แนบ",
    mailTooLarge: "รายงานมีขนาดใหญ่เกินกว่าจะส่งทางอีเมล โปรดดาวน์โหลดที่หน้ารายงาน",
  },
};

export function reportTexts(language: ReportLanguage): ReportTexts {
  return TEXTS[language];
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Language, NoticeKind, Template } from "../../core/notify/types";
import { packageRoot } from "../package/package";

/** What the built-in templates say. */
export interface Texts {
  titles: Record<NoticeKind, string>;
  decisions: Record<string, string>;
  labels: Record<string, string>;
  /** Placeholder: {{ count }} */
  digest: string;
  suppressed: string;
  testText: string;
}

const TEXTS: Record<Language, Texts> = {
  en: {
    titles: {
      allowed: "✅ Vehicle let in",
      unknown: "⚠️ Unauthorized Vehicle Detected",
      denied: "⛔ Vehicle refused",
      review: "👀 Vehicle waits for a person",
      recorded: "🚗 Vehicle seen",
      watch_hit: "🚨 Watch list",
      barrier: "🚧 Barrier",
      message: "Plategate",
      test: "Plategate test",
    },
    decisions: { open: "Access granted", deny: "Access Denied", review: "Waits for a person" },
    labels: {
      plate: "License Plate",
      time: "Time",
      action: "Action",
      reason: "Reason",
      lane: "Lane",
      camera: "Camera",
      confidence: "Confidence",
      barrier: "Barrier",
    },
    digest: "{{ count }} notices",
    suppressed: "{{ suppressed }} more were left out.",
    testText: "This is a test: notifications arrive here.",
  },
  th: {
    titles: {
      allowed: "✅ อนุญาตให้รถผ่าน",
      unknown: "⚠️ พบรถที่ไม่ได้รับอนุญาต",
      denied: "⛔ ปฏิเสธรถ",
      review: "👀 รถรอการตรวจสอบ",
      recorded: "🚗 พบรถ",
      watch_hit: "🚨 รายการเฝ้าระวัง",
      barrier: "🚧 ไม้กั้น",
      message: "Plategate",
      test: "ทดสอบ Plategate",
    },
    decisions: { open: "อนุญาต", deny: "ไม่อนุญาต", review: "รอการตรวจสอบ" },
    labels: {
      plate: "ทะเบียนรถ",
      time: "เวลา",
      action: "การดำเนินการ",
      reason: "เหตุผล",
      lane: "ช่องทาง",
      camera: "กล้อง",
      confidence: "ความมั่นใจ",
      barrier: "ไม้กั้น",
    },
    digest: "{{ count }} รายการแจ้งเตือน",
    suppressed: "ละไว้อีก {{ suppressed }} รายการ",
    testText: "ข้อความทดสอบ: การแจ้งเตือนมาถึงที่นี่",
  },
};

export function textsOf(language: Language): Texts {
  return TEXTS[language];
}

const LOCALES: Record<Language, string> = { en: "en-US", th: "th" };
const reasons = new Map<Language, Record<string, string>>();

/** Reason codes for people, as the node that decides has them. */
export function reasonTexts(language: Language): Record<string, string> {
  const known = reasons.get(language);
  if (known) return known;
  const path = ["dist", "nodes", "allowlist-check", "locales", LOCALES[language]];
  const file = join(packageRoot(), ...path, "allowlist-check.json");
  const catalogue = JSON.parse(readFileSync(file, "utf8")) as {
    "allowlist-check": { reason: Record<string, string> };
  };
  const found = catalogue["allowlist-check"].reason;
  reasons.set(language, found);
  return found;
}

/** Used where a rule has no template of its own; the HTML is reference 1's. */
export const BUILT_IN: Record<keyof Template, string> = {
  subject: "{{ title }}{% if plate %}: {{ plate }}{% endif %}",
  text: `{{ title }}
{%- if plate %}
{{ labels.plate }}: {{ plate }}{% endif %}
{{ labels.time }}: {{ time }}
{%- if decision_text %}
{{ labels.action }}: {{ decision_text }}{% endif %}
{%- if reason_text %}
{{ labels.reason }}: {{ reason_text }}{% endif %}
{%- if lane_id %}
{{ labels.lane }}: {{ lane_name }}{% endif %}
{%- if camera_id %}
{{ labels.camera }}: {{ camera_name }}{% endif %}
{%- if barrier_id %}
{{ labels.barrier }}: {{ barrier_id }}{% endif %}
{%- if confidence_percent %}
{{ labels.confidence }}: {{ confidence_percent }} %{% endif %}
{%- if text %}
{{ text }}{% endif %}
{%- if suppressed_text %}
{{ suppressed_text }}{% endif %}
`,
  html: `<h2>{{ title }}</h2>
{% if plate %}<p><strong>{{ labels.plate }}:</strong> {{ plate }}</p>{% endif %}
<p><strong>{{ labels.time }}:</strong> {{ time }}</p>
{% if decision_text %}<p><strong>{{ labels.action }}:</strong> {{ decision_text }}</p>{% endif %}
{% if reason_text %}<p><strong>{{ labels.reason }}:</strong> {{ reason_text }}</p>{% endif %}
{% if lane_id %}<p><strong>{{ labels.lane }}:</strong> {{ lane_name }}</p>{% endif %}
{% if camera_id %}<p><strong>{{ labels.camera }}:</strong> {{ camera_name }}</p>{% endif %}
{% if barrier_id %}<p><strong>{{ labels.barrier }}:</strong> {{ barrier_id }}</p>{% endif %}
{% if text %}<p>{{ text }}</p>{% endif %}
{% if suppressed_text %}<p><em>{{ suppressed_text }}</em></p>{% endif %}
{% if picture_cid %}<img src="cid:{{ picture_cid }}" alt="{{ plate }}" style="max-width: 600px;">{% endif %}
`,
};

/** What a column of a vehicle list can mean. */
export const VEHICLE_FIELDS = [
  "plate",
  "region",
  "owner",
  "contact",
  "note",
  "tags",
  "status",
  "groups",
  "valid_from",
  "valid_until",
  "schedule",
  "lanes",
  "way",
  "credentials",
  "pin",
] as const;
export type VehicleField = (typeof VEHICLE_FIELDS)[number];

/** Headings that people write, in English and Thai; compared without case, spaces and marks. */
const HEADINGS: Readonly<Record<VehicleField, readonly string[]>> = {
  plate: [
    ...["plate", "plate number", "plate no", "number plate", "license plate", "licence plate"],
    ...["registration", "registration number", "reg no", "vehicle registration", "vrn", "lpn"],
    ...["ทะเบียน", "ทะเบียนรถ", "ป้ายทะเบียน", "เลขทะเบียน", "หมายเลขทะเบียน"],
  ],
  region: [
    ...["region", "country", "state", "province", "จังหวัด", "ประเทศ", "ภูมิภาค"],
    ...["region code"],
  ],
  owner: [
    ...["owner", "owner name", "name", "full name", "resident", "employee", "driver", "holder"],
    ...["เจ้าของ", "ชื่อเจ้าของ", "ชื่อ", "ชื่อ-นามสกุล", "ผู้ถือสิทธิ์", "คนขับ", "ผู้พักอาศัย"],
  ],
  contact: [
    ...["contact", "phone", "phone number", "telephone", "tel", "mobile", "email", "e-mail"],
    ...["owner phone", "owner email", "owner contact", "contact number", "phone no"],
    ...["ติดต่อ", "ข้อมูลติดต่อ", "โทรศัพท์", "เบอร์โทร", "เบอร์โทรศัพท์", "โทร", "มือถือ", "อีเมล"],
  ],
  note: ["note", "notes", "remark", "remarks", "comment", "comments", "หมายเหตุ", "บันทึก"],
  tags: ["tags", "tag", "label", "labels", "แท็ก", "ป้ายกำกับ"],
  status: ["status", "state of permit", "สถานะ"],
  groups: [
    ...["groups", "group", "category", "type", "department", "กลุ่ม", "ประเภท", "แผนก", "หมวดหมู่"],
  ],
  valid_from: [
    ...["valid from", "from", "start", "start date", "begins", "effective from"],
    ...["วันที่เริ่ม", "เริ่มวันที่", "เริ่มใช้", "ตั้งแต่", "มีผลตั้งแต่"],
  ],
  valid_until: [
    ...["valid until", "valid to", "until", "to", "end", "end date", "expires", "expiry"],
    ...["expires at", "expires on", "expiration", "valid till", "end at", "ends at"],
    ...["expiry date", "expiration date", "วันหมดอายุ", "หมดอายุ", "สิ้นสุด", "วันที่สิ้นสุด", "ถึงวันที่"],
  ],
  schedule: ["schedule", "schedule id", "timetable", "hours", "ตารางเวลา", "เวลา", "ช่วงเวลา"],
  lanes: ["lanes", "lane", "gate", "gates", "allowed lanes", "ช่องทาง", "ประตู", "ทางเข้า"],
  way: ["way", "direction", "ทิศทาง", "เข้าออก"],
  credentials: [
    ...["credentials", "card", "card number", "rfid", "tag number", "wiegand", "badge"],
    ...["บัตร", "หมายเลขบัตร", "เลขบัตร", "คีย์การ์ด"],
  ],
  pin: ["pin", "pin code", "passcode", "รหัส", "รหัสผ่าน", "รหัสพิน"],
};

function folded(heading: string): string {
  return heading
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, "");
}

const BY_HEADING = new Map(
  VEHICLE_FIELDS.flatMap((field) =>
    [field, ...HEADINGS[field]].map((heading): [string, VehicleField] => [folded(heading), field]),
  ),
);

export interface ColumnMap {
  /** For each column the field, null where its heading says nothing to us. */
  fields: (VehicleField | null)[];
  /** Headings that were not understood; their columns are left out. */
  ignored: string[];
}

/**
 * What the columns mean, by their headings.
 * @param given headings whose meaning somebody has told, e.g. {"Kennzeichen": "plate"}
 * @throws RangeError where no column, or more than one, is the plate, or a field comes twice
 */
export function mapColumns(
  headings: readonly string[],
  given: Readonly<Record<string, VehicleField>> = {},
): ColumnMap {
  const fields = fieldsOf(headings, given);
  for (const field of VEHICLE_FIELDS) {
    const same = headings.filter((_, i) => fields[i] === field);
    if (same.length > 1) throw new RangeError(`columns ${same.join(" and ")} are both ${field}`);
  }
  if (!fields.includes("plate")) {
    throw new RangeError(`none of the columns is the plate: ${headings.join(", ")}`);
  }
  return withIgnored(headings, fields);
}

/**
 * As {@link mapColumns}, for tables that nobody can be asked about: of columns with the same
 * meaning the first counts, the others are ignored. There may be no plate among them.
 */
export function firstColumns(headings: readonly string[]): ColumnMap {
  const all = fieldsOf(headings, {});
  return withIgnored(
    headings,
    all.map((field, i) => (all.indexOf(field) === i ? field : null)),
  );
}

function fieldsOf(
  headings: readonly string[],
  given: Readonly<Record<string, VehicleField>>,
): ColumnMap["fields"] {
  const told = new Map(Object.entries(given).map(([name, field]) => [folded(name), field]));
  return headings.map(
    (heading) => told.get(folded(heading)) ?? BY_HEADING.get(folded(heading)) ?? null,
  );
}

function withIgnored(headings: readonly string[], fields: ColumnMap["fields"]): ColumnMap {
  return { fields, ignored: headings.filter((heading, i) => heading !== "" && !fields[i]) };
}

/** Whether a first line looks like headings: one of its cells means the plate. */
export function hasPlateHeading(cells: readonly string[]): boolean {
  return cells.some((cell) => BY_HEADING.get(folded(cell)) === "plate");
}

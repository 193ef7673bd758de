import { normalisePlate } from "./normalise";

/** A province of Thailand, or an office that issues plates of its own. */
export interface ThaiProvince {
  /** As written on the plate. */
  name: string;
  /** The official abbreviation of two letters. */
  abbreviation: string;
  english: string;
}

const TABLE = `
กระบี่ กบ Krabi|กรุงเทพมหานคร กท Bangkok|กาญจนบุรี กจ Kanchanaburi|กาฬสินธุ์ กส Kalasin
กำแพงเพชร กพ Kamphaeng Phet|ขอนแก่น ขก Khon Kaen|จันทบุรี จบ Chanthaburi|ฉะเชิงเทรา ฉช Chachoengsao
ชลบุรี ชบ Chon Buri|ชัยนาท ชน Chai Nat|ชัยภูมิ ชย Chaiyaphum|ชุมพร ชพ Chumphon
เชียงราย ชร Chiang Rai|เชียงใหม่ ชม Chiang Mai|ตรัง ตง Trang|ตราด ตร Trat|ตาก ตก Tak
นครนายก นย Nakhon Nayok|นครปฐม นฐ Nakhon Pathom|นครพนม นพ Nakhon Phanom
นครราชสีมา นม Nakhon Ratchasima|นครศรีธรรมราช นศ Nakhon Si Thammarat|นครสวรรค์ นว Nakhon Sawan
นนทบุรี นบ Nonthaburi|นราธิวาส นธ Narathiwat|น่าน นน Nan|บึงกาฬ บก Bueng Kan|บุรีรัมย์ บร Buri Ram
ปทุมธานี ปท Pathum Thani|ประจวบคีรีขันธ์ ปข Prachuap Khiri Khan|ปราจีนบุรี ปจ Prachin Buri
ปัตตานี ปน Pattani|พระนครศรีอยุธยา อย Phra Nakhon Si Ayutthaya|พะเยา พย Phayao|พังงา พง Phang-nga
พัทลุง พท Phatthalung|พิจิตร พจ Phichit|พิษณุโลก พล Phitsanulok|เพชรบุรี พบ Phetchaburi
เพชรบูรณ์ พช Phetchabun|แพร่ พร Phrae|ภูเก็ต ภก Phuket|มหาสารคาม มค Maha Sarakham
มุกดาหาร มห Mukdahan|แม่ฮ่องสอน มส Mae Hong Son|ยโสธร ยส Yasothon|ยะลา ยล Yala|ร้อยเอ็ด รอ Roi Et
ระนอง รน Ranong|ระยอง รย Rayong|ราชบุรี รบ Ratchaburi|ลพบุรี ลบ Lop Buri|ลำปาง ลป Lampang
ลำพูน ลพ Lamphun|เลย ลย Loei|ศรีสะเกษ ศก Si Sa Ket|สกลนคร สน Sakon Nakhon|สงขลา สข Songkhla
สตูล สต Satun|สมุทรปราการ สป Samut Prakan|สมุทรสงคราม สส Samut Songkhram|สมุทรสาคร สค Samut Sakhon
สระแก้ว สก Sa Kaeo|สระบุรี สบ Saraburi|สิงห์บุรี สห Sing Buri|สุโขทัย สท Sukhothai
สุพรรณบุรี สพ Suphan Buri|สุราษฎร์ธานี สฎ Surat Thani|สุรินทร์ สร Surin|หนองคาย นค Nong Khai
หนองบัวลำภู นภ Nong Bua Lam Phu|อ่างทอง อท Ang Thong|อำนาจเจริญ อจ Amnat Charoen|อุดรธานี อด Udon Thani
อุตรดิตถ์ อต Uttaradit|อุทัยธานี อน Uthai Thani|อุบลราชธานี อบ Ubon Ratchathani`;

function parseRow(row: string): ThaiProvince {
  const [name = "", abbreviation = "", ...english] = row.split(" ");
  return { name: normalisePlate(name), abbreviation, english: english.join(" ") };
}

/** The 77 provinces (with Bangkok), in the order of the Thai alphabet. */
export const THAI_PROVINCES: readonly ThaiProvince[] = TABLE.trim().split(/[|\n]/).map(parseRow);

/** Betong is a district of Yala that issues plates with its own name. */
const BETONG: ThaiProvince = { name: "เบตง", abbreviation: "ยล", english: "Betong" };

const WRITTEN = [...THAI_PROVINCES, BETONG].sort((a, b) => b.name.length - a.name.length);

/** A Thai plate in its two parts. */
export interface ThaiPlate {
  /** Series and number without the province, normalised. */
  text: string;
  province: ThaiProvince | null;
}

/**
 * Splits the province off a Thai plate's text. The province may stand behind the
 * number (cars), between series and number (motorcycles), in full, as its
 * abbreviation behind the number, or with a few wrong letters (the row is small:
 * a name is taken when one letter in four or fewer is wrong and no other province
 * is as near). A text without a province comes back whole.
 */
export function splitThaiPlate(input: string): ThaiPlate {
  const text = normalisePlate(input);
  const exact = WRITTEN.find((province) => text.includes(province.name));
  if (exact) return { text: text.replace(exact.name, ""), province: exact };
  const [, number = text, rest = "", tail = ""] =
    /^([0-9]{0,2}[\u0e01-\u0e2e]{0,3}[0-9]{1,4})([^0-9]{2,})()$/u.exec(text) ??
    /^([0-9]{0,2}[\u0e01-\u0e2e]{1,3}?)([\u0e01-\u0e4e]{4,})([0-9]{1,4})$/u.exec(text) ??
    [];
  const province = rest === "" ? null : (byAbbreviation(rest) ?? nearest(rest));
  return province ? { text: number + tail, province } : { text, province: null };
}

function byAbbreviation(text: string): ThaiProvince | undefined {
  return THAI_PROVINCES.find((province) => province.abbreviation === text);
}

function nearest(text: string): ThaiProvince | null {
  const ranked = WRITTEN.map((province) => ({ province, far: distance(text, province.name) }));
  ranked.sort((a, b) => a.far - b.far);
  const [best, second] = ranked;
  if (!best || best.far > best.province.name.length / 4) return null;
  return second && second.far === best.far ? null : best.province;
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Whether a text has Thai letters. */
export function isThai(text: string): boolean {
  return /[\u0e01-\u0e2e]/u.test(text);
}

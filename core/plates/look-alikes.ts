/**
 * Capital letters of other scripts that look like a Latin one, written as pairs
 * "other Latin". Plates of Bulgaria, Greece, Ukraine and others use exactly these,
 * because they are the ones both alphabets share; a list typed on a Cyrillic
 * keyboard then still matches what the reader says.
 */
const PAIRS = [
  // Cyrillic
  "АA ВB ЕE ЅS ІI ЈJ КK МM НH ОO РP СC ТT УY ҮY ХX ԚQ ԜW ҺH ӀI ԌG",
  // Greek
  "ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϹC ͿJ",
  // Armenian, Cherokee, Lisu
  "ՕO ՏS ԼL",
  "ᎪA ᏴB ᏟC ᎠD ᎬE ᏀG ᎻH ᎫJ ᏦK ᏞL ᎷM ᏢP ᏚS ᎢT ᏙV ᎳW ᏃZ ᎡR",
  "ꓮA ꓐB ꓚC ꓓD ꓰE ꓝF ꓖG ꓧH ꓲI ꓙJ ꓗK ꓡL ꓟM ꓠN ꓳO ꓑP ꓣR ꓢS ꓔT ꓴU ꓦV ꓪW ꓫX ꓬY ꓜZ",
].join(" ");

/** From a look-alike capital to the Latin letter. */
export const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  PAIRS.split(" ").map((pair): [string, string] => {
    const [other = "", latin = ""] = [...pair];
    return [other, latin];
  }),
);

/** Where strings, quoted names and comments of SQL begin and end. */

/**
 * The place after the string, quoted name or comment that begins at a place.
 * @param escapes a backslash escapes in every string, not only in `E'…'`
 * @returns `at` itself where none begins there; null where it does not end in this text
 */
export function pastQuoted(text: string, at: number, escapes: boolean): number | null {
  const char = text[at];
  if (char === "-" && text[at + 1] === "-") return lineEnd(text, at);
  if (char === "/" && text[at + 1] === "*") return after(text.indexOf("*/", at + 2), 2);
  if (char !== "'" && char !== '"' && char !== "`") return at;
  const backslash = char === "'" && (escapes || isMarkedE(text, at));
  for (let end = at + 1; end < text.length; end++) {
    if (backslash && text[end] === "\\") end++;
    else if (text[end] === char) {
      if (text[end + 1] !== char) return end + 1;
      end++; // doubled: the character itself
    }
  }
  return null;
}

/** Splits at commas that stand neither in quotes nor in parentheses; comments are left out. */
export function splitOutside(text: string, escapes: boolean): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  let from = 0;
  for (let at = 0; at < text.length;) {
    const char = text[at];
    const end = pastQuoted(text, at, escapes) ?? text.length;
    if (end > at) {
      if (char === "-" || char === "/") {
        part += text.slice(from, at);
        from = end;
      }
      at = end;
      continue;
    }
    if (char === "(") depth++;
    else if (char === ")") depth--;
    else if (depth === 0 && char === ",") {
      parts.push(part + text.slice(from, at));
      part = "";
      from = at + 1;
    }
    at++;
  }
  parts.push(part + text.slice(from));
  return parts;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

const after = (place: number, length: number): number | null => (place < 0 ? null : place + length);

/** Whether an E of its own stands before a quote. */
const isMarkedE = (text: string, at: number): boolean =>
  /(^|\W)E$/i.test(text.slice(Math.max(0, at - 2), at));

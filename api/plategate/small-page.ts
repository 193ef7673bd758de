import { readFile } from "node:fs/promises";
import { join } from "node:path";

const FOLDER = join(__dirname, "pages");

/**
 * A page that stands outside the dashboard (pages/<name>.html), whole: the style and script that such
 * pages share (card.css, card.js) are put in, so that it needs no second request and no further route.
 */
export async function smallPage(name: "login" | "visit"): Promise<string> {
  const [page, style, script] = await Promise.all(
    [`${name}.html`, "card.css", "card.js"].map((file) => readFile(join(FOLDER, file), "utf8")),
  );
  return page!
    .replace('<link rel="stylesheet" href="card.css" />', () => `<style>\n${style}</style>`)
    .replace('<script src="card.js"></script>', () => `<script>\n${script}</script>`);
}

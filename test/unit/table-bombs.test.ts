import assert from "node:assert/strict";
import { crc32, deflateRaw } from "node:zlib";
import { parseTable, tableContent, TableError } from "../../adapters/lists/table-files";
import { storedZip, unpackZip, ZipError } from "../../adapters/lists/zip";

const ALL = (): boolean => true;
const LIMIT = 1024 * 1024;

describe("XLSX files that are more than they seem", () => {
  /** An XLSX file whose sheet was changed. */
  async function changed(edit: (sheet: string) => string): Promise<Buffer> {
    const rows = [["AB1", "Ann"]];
    const file = await tableContent("xlsx", ["plate", "owner"], rows);
    const entries = await unpackZip(file, LIMIT, ALL);
    return storedZip(
      entries.map((entry) => {
        if (!entry.name.endsWith("sheet1.xml")) return entry;
        const content = Buffer.from(edit(entry.content.toString("utf8")));
        return { ...entry, content, crc: crc32(content) };
      }),
    );
  }

  it("are read where they are what they seem", async () => {
    const { rows, headings } = await parseTable(await changed((sheet) => sheet));
    assert.deepEqual(headings, ["plate", "owner"]);
    assert.deepEqual(
      rows.map(({ cells }) => cells),
      [["AB1", "Ann"]],
    );
  });

  it("are refused where a cell stands so far out that the table would fill the memory", async () => {
    for (const [row, cell] of [
      ["1048576", "XFD1048576"],
      ["400000", "ZZ400000"],
      ["99999999999", "B99999999999"],
      ["2", "B&#50;"],
    ]) {
      const file = await changed((sheet) =>
        sheet.replace('<row r="2">', `<row r="${row}">`).replace('r="B2"', `r="${cell}"`),
      );
      await assert.rejects(parseTable(file), (error: Error) => {
        assert.ok(error instanceof TableError);
        assert.match(error.message, /too far out/);
        return true;
      });
    }
  });

  it("are refused where they unpack to more than they may, whatever they say of it", async () => {
    const content = Buffer.alloc(3 * LIMIT, 32);
    const packed = await new Promise<Buffer>((resolve, reject) =>
      deflateRaw(content, (error, result) => (error ? reject(error) : resolve(result))),
    );
    const file = storedZip([{ name: "a.xml", crc: crc32(content), content: packed }]);
    const head = file.indexOf(Buffer.from("PK\u0001\u0002"));
    file.writeUInt16LE(8, head + 10); // deflated, and as small as it is packed
    await assert.rejects(unpackZip(file, LIMIT, ALL), (error: Error) => {
      assert.ok(error instanceof ZipError);
      assert.match(error.message, /more than 1 MB/);
      return true;
    });
    const [whole] = await unpackZip(file, 4 * LIMIT, ALL);
    assert.deepEqual(whole?.content, content);
    assert.deepEqual(await unpackZip(file, LIMIT, (name) => name !== "a.xml"), []);
  });

  it("are refused where the archive is broken, cut or strange", async () => {
    const file = await changed((sheet) => sheet);
    const cut = [0, 4, 21, file.length - 10, file.length - 1].map((end) => file.subarray(0, end));
    const bent = [10, 16].map((at) => {
      const copy = Buffer.from(file);
      copy.writeUInt16LE(0xfff0, copy.length - 22 + at);
      return copy;
    });
    for (const wrong of [...cut, ...bent]) {
      await assert.rejects(unpackZip(wrong, LIMIT, ALL), ZipError);
    }
  });
});

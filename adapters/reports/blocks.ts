/** What a report is made of, whatever file it becomes. */
export type Cell = string | number;

export type Block =
  | { kind: "title"; text: string }
  | { kind: "facts"; facts: [name: string, value: string][] }
  | { kind: "section"; text: string }
  /** Begins a table; widths are shares of the page's width. */
  | { kind: "head"; cells: string[]; widths: number[] }
  | { kind: "row"; cells: Cell[] }
  | { kind: "bars"; labels: string[]; values: number[] }
  | { kind: "note"; text: string };

/** Makes a file of blocks, a piece at a time. */
export interface BlockSink {
  /** Resolves when there is room for more. */
  write(block: Block): Promise<void>;
  /** Resolves when the whole file is on the disk. */
  end(): Promise<void>;
  /** Gives it up. */
  destroy(): Promise<void>;
}

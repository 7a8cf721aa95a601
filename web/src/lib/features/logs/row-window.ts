/**
 * Which rows to draw of a list far too long to draw. Lines may take several visual rows when they wrap, so positions are counted
 * in visual rows of one height.
 */
export interface RowWindow {
  readonly first: number;
  /** One past the last. */
  readonly end: number;
  readonly offsetPx: number;
}

export interface Viewport {
  readonly scrollTop: number;
  readonly heightPx: number;
  readonly rowHeightPx: number;
  /** Visual rows drawn beyond each edge, so that a fast scroll meets no blank. */
  readonly overscan: number;
}

/** Maps between lines and visual rows. */
export interface RowMap {
  readonly lineCount: number;
  readonly rowCount: number;
  rowOfLine(line: number): number;
  lineAtRow(row: number): number;
}

export function rowWindow(rows: RowMap, { scrollTop, heightPx, rowHeightPx, overscan }: Viewport): RowWindow {
  const firstRow = Math.floor(scrollTop / rowHeightPx) - overscan;
  const endRow = Math.ceil((scrollTop + heightPx) / rowHeightPx) + overscan;
  const first = rows.lineAtRow(clamp(firstRow, 0, rows.rowCount));
  const end = Math.min(rows.lineCount, rows.lineAtRow(clamp(endRow, 0, rows.rowCount)) + 1);
  return { first: Math.min(first, end), end, offsetPx: rows.rowOfLine(Math.min(first, end)) * rowHeightPx };
}

/** One visual row per line. */
export function unwrappedRows(lineCount: number): RowMap {
  return {
    lineCount,
    rowCount: lineCount,
    rowOfLine: (line) => line,
    lineAtRow: (row) => Math.min(row, Math.max(0, lineCount - 1)),
  };
}

/** Lines that wrap at a number of columns; grows with the log without counting the old lines again. */
export class WrappedRows implements RowMap {
  readonly columns: number;
  /** Entry n: visual rows before line n. The one after the last line is the total. */
  #before = new Float64Array(1_024);
  #lineCount = 0;

  constructor(columns: number) {
    this.columns = Math.max(1, columns);
  }

  get lineCount(): number {
    return this.#lineCount;
  }

  get rowCount(): number {
    return this.rowOfLine(this.#lineCount);
  }

  /** The last line known before may have grown, so it is counted again. */
  extend(lineCount: number, lengthOf: (line: number) => number): void {
    const from = Math.max(0, Math.min(this.#lineCount, lineCount) - 1);
    this.#reserve(lineCount + 1);
    let total = this.#before[from] ?? 0;
    for (let line = from; line < lineCount; line += 1) {
      total += Math.max(1, Math.ceil(lengthOf(line) / this.columns));
      this.#before[line + 1] = total;
    }
    this.#lineCount = lineCount;
  }

  rowOfLine(line: number): number {
    return this.#before[Math.min(line, this.#lineCount)] ?? 0;
  }

  lineAtRow(row: number): number {
    let low = 0;
    let high = Math.max(0, this.#lineCount - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.rowOfLine(middle) <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #reserve(length: number): void {
    if (length <= this.#before.length) return;
    const larger = new Float64Array(Math.max(length, this.#before.length * 2));
    larger.set(this.#before);
    this.#before = larger;
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}

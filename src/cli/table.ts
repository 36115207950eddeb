/** A column: its heading, and whether it holds numbers, which are set to the right. */
export type Column = { heading: string; number?: boolean }

/** Rows as lines of text under headings, each column as wide as it needs; the last one is not padded. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ heading }, i) => Math.max(heading.length, ...rows.map((row) => (row[i] ?? '').length)))
  const line = (cells: readonly string[]) =>
    columns
      .map(({ number }, i) => {
        const cell = cells[i] ?? ''
        return number === true ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)
      })
      .join('  ')
      .trimEnd()
  return `${[columns.map(({ heading }) => heading), ...rows].map(line).join('\n')}\n`
}

/** How many packages of a tree may go at once: a percentage of them, or a number; undefined for all. */
export type MaxDelete = { percent: number } | { files: number } | undefined

/** What of a tree stays besides what its time retains. */
export type Keeping = {
  /** So many generations before the current one, whatever their age. */
  generations: number
  maxDelete: MaxDelete
}

/** Of which nothing was said. */
export const usualKeeping: Keeping = { generations: 0, maxDelete: { percent: 30 } }

/** Fewer packages than this go without a question, whatever share of the whole they are. */
const smallLoss = 20

/** Whether so many packages are more than may go at once. */
export function isHeld(packages: number, of: number, maxDelete: MaxDelete): boolean {
  if (maxDelete === undefined) return false
  if ('files' in maxDelete) return packages > maxDelete.files
  return packages >= smallLoss && packages * 100 > of * maxDelete.percent
}

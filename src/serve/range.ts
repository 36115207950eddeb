import type { Slice } from './message.ts'

/** zchunk clients ask for as many ranges as they need and halve that when they get 200, so a small number serves them. */
const maxParts = 16

/**
 * The slices that a Range header asks of `size` bytes, in its order, overlapping and touching ones made one; 'whole'
 * when it asks for another unit, for everything or for more than 16 parts, and 'unsatisfiable' for a 416: nothing in
 * it lies within the file, or it is no list of ranges (RFC 9110 14.2 lets a server choose; nginx answers 416 too).
 */
export function parseRange(header: string, size: number): Slice[] | 'whole' | 'unsatisfiable' {
  const [, list] = /^bytes[ \t]*=(.*)$/i.exec(header) ?? []
  if (list === undefined) return 'whole'
  const specs = list.split(',').map((spec) => spec.trim())
  const ranges = specs.filter((spec) => spec !== '').map((spec) => parseSpec(spec, size))
  if (ranges.length === 0 || ranges.includes('malformed')) return 'unsatisfiable'
  const slices = merge(ranges.filter((range) => typeof range === 'object'))
  if (slices.length === 0) return 'unsatisfiable'
  const everything = ranges.length > 1 && slices[0]?.length === size
  return slices.length > maxParts || everything ? 'whole' : slices
}

/** One `first-last`, `first-` or `-suffix`; digits beyond any file's size become Infinity, which compares rightly. */
function parseSpec(spec: string, size: number): Slice | 'outside' | 'malformed' {
  const [, first, last] = /^(\d*)-(\d*)$/.exec(spec) ?? []
  if (first === undefined || last === undefined || first + last === '') return 'malformed'
  const suffix = first === ''
  const start = suffix ? Math.max(0, size - Number(last)) : Number(first)
  const end = suffix || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (!suffix && last !== '' && Number(last) < start) return 'malformed'
  return start > end ? 'outside' : { start, length: end - start + 1 }
}

/** Sorted merging, then each merged slice at the place of its first: clients may ask for the end of a file first. */
function merge(slices: readonly Slice[]): Slice[] {
  const merged: (Slice & { order: number })[] = []
  const byStart = slices.map((slice, order) => ({ ...slice, order })).sort((a, b) => a.start - b.start)
  for (const slice of byStart) {
    const last = merged.at(-1)
    if (last === undefined || slice.start > last.start + last.length) {
      merged.push(slice)
    } else {
      last.length = Math.max(last.length, slice.start + slice.length - last.start)
      last.order = Math.min(last.order, slice.order)
    }
  }
  return merged.sort((a, b) => a.order - b.order).map(({ start, length }) => ({ start, length }))
}

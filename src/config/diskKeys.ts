import { scalar } from './keys.ts'
import { count, duration, percent, size, type Unit, yesNo } from './units.ts'

/** A number of files, or a percentage of them; or none. */
export type Limit = { percent: number } | { files: number } | 'no'

const maxDelete: Unit<Limit> = {
  is: 'a percentage or a number of packages',
  write: 'write such as 30%, 5000, or no',
  read(text) {
    if (yesNo.read(text) === false) return 'no'
    if (text.endsWith('%')) {
      const part = percent.read(text)
      return part === undefined ? undefined : { percent: part }
    }
    const files = count(1, 1_000_000_000).read(text)
    return files === undefined ? undefined : { files }
  },
}

/** How often everything is read again, in milliseconds; undefined for never. */
const scrub: Unit<number | 'no'> = {
  is: 'a time',
  write: 'write such as 30d, or no',
  read: (text) => (yesNo.read(text) === false ? 'no' : duration(1).read(text)),
}

/** What stays of what was published, for one repository or as a default. */
export const retentionKeys = {
  retain_generations: scalar(count(0, 10_000)),
  max_delete: scalar(maxDelete),
}

/** What the disk has to do with the whole. */
export const diskKeys = {
  max_disk: scalar(size(1)),
  min_free: scalar(size(0)),
  scrub: scalar(scrub),
}

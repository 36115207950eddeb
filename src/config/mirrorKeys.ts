import { scalar } from './keys.ts'
import { count, duration, line, yesNo } from './units.ts'

const url = line('a URL', 'write http://, https:// or file:// and the rest')

/** dnf's keys of the lists that name a repository's mirrors; which of them counts is `listOf`'s to say. */
export const listKeys = { metalink: scalar(url), mirrorlist: scalar(url) }

/** Keys that say how mirrors are chosen, for one repository and as a default for many. */
export const mirrorKeys = {
  alternates_max_age: scalar(duration(0)),
  fastestmirror: scalar(yesNo),
  max_downloads_per_mirror: scalar(count(1, 100)),
  skip_if_unavailable: scalar(yesNo),
}

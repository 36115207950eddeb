import type { Changelog } from '../../repodata/package.ts'
import type { Header } from '../../rpm/header.ts'
import { tag } from '../../rpm/tags.ts'
import { equalLengths } from './listed.ts'

/**
 * The newest changelogs, oldest first; a negative limit is none. Of entries with one date each newer one is a second
 * later than the one before, since clients sort by it (createrepo_c, src/parsehdr.c 617-672).
 */
export function readChangelogs(header: Header, limit: number): Changelog[] {
  const dates = header.numbers(tag.changelogTime)
  const authors = header.strings(tag.changelogName)
  const texts = header.strings(tag.changelogText)
  if (dates === undefined || authors === undefined || texts === undefined) return []
  equalLengths('changelogs', dates, authors, texts)
  const newestFirst = dates.slice(0, limit < 0 ? undefined : limit).map((date, i) => ({
    author: withoutBlanks(authors[i] as string),
    date,
    text: texts[i] as string,
  }))
  spread(newestFirst)
  return newestFirst.reverse()
}

/** Without the blanks at its end; the first character stays, whatever it is. */
function withoutBlanks(author: string): string {
  return author.slice(0, 1) + author.slice(1).replace(/ +$/, '')
}

/** Whenever an entry has the date of the one before it, that one is made a second later, and with it what then collides. */
function spread(newestFirst: Changelog[]): void {
  let last = 0
  for (let i = 0; i < newestFirst.length; i++) {
    const { date } = newestFirst[i] as Changelog
    if (date !== last) {
      last = date
      continue
    }
    let taken = date
    for (let newer = i - 1; newer >= 0 && newestFirst[newer]?.date === taken; newer--) {
      ;(newestFirst[newer] as Changelog).date++
      taken++
    }
  }
}

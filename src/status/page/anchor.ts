/** The id of a repository's rows on the page, or of the one that says how clients use it. */
export function anchor(kind: 'repo' | 'use', id: string): string {
  return `${kind}-${id}`
}

/** A link to a repository on the page. */
export function repoLink(id: string): string {
  return `#${encodeURIComponent(anchor('repo', id))}`
}

/**
 * A link that shows how clients use it. It goes to another URL, not within the page: reloading one that was opened with a
 * fragment only goes to that fragment again, so that nothing closes under the hand of who copies it.
 */
export function useLink(id: string): string {
  return `?use=${encodeURIComponent(id)}#${encodeURIComponent(anchor('use', id))}`
}

/** The id of a repository's rows on the page, or of the one that says how clients use it. */
export function anchor(kind: 'repo' | 'use', id: string): string {
  return `${kind}-${id}`
}

/** A link to it. */
export function anchorHref(kind: 'repo' | 'use', id: string): string {
  return `#${encodeURIComponent(anchor(kind, id))}`
}

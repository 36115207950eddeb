import { bytesText } from '../amounts.ts'
import { type Html, html, page, policyFor } from '../html.ts'
import { style } from './listingStyle.ts'
import { encodePath } from './path.ts'

/** One line of a listing; size (bytes, files only) and time are absent when the folder is too large to ask for them. */
export interface Entry {
  name: string
  folder: boolean
  size?: number
  modified?: Date
}

/** The HTML of a folder's listing; `segments` lead from the root to it. No script, nothing loaded. */
export function renderListing(segments: readonly string[], entries: readonly Entry[]): string {
  const body = html`<h1>${breadcrumbs(segments)}</h1>
<table>
<thead><tr><th scope="col">Name</th><th scope="col">Size</th><th scope="col">Modified (UTC)</th></tr></thead>
<tbody>
${segments.length > 0 && parent}${entries.map(row)}</tbody>
</table>
${entries.length === 0 && empty}`
  return page({ title: html`/${segments.map((segment) => `${segment}/`)}`, style, body })
}

const parent = html`<tr><td><a href="../">../</a></td><td></td><td></td></tr>\n`
const empty = html`<p>This folder is empty.</p>\n`

function row({ name, folder, size, modified }: Entry): Html {
  const end = folder ? '/' : ''
  const bytes = size !== undefined && html`<data value="${size}">${bytesText(size)}</data>`
  const date = modified?.toISOString().slice(0, 16).replace('T', ' ')
  const link = html`<a href="${encodeURIComponent(name)}${end}">${name}${end}</a>`
  return html`<tr><td>${link}</td><td>${bytes}</td><td>${date}</td></tr>\n`
}

/** Every folder on the way is a link, the one shown is not. */
function breadcrumbs(segments: readonly string[]): Html {
  const links = segments.slice(0, -1).map((segment, depth) => {
    return html`<wbr><a href="${encodePath(segments.slice(0, depth + 1), true)}">${segment}</a>/`
  })
  const last = segments.at(-1)
  return html`<a href="/">/</a>${links}<wbr>${last !== undefined && `${last}/`}`
}

/** The page may use its own style and nothing else. */
export const stylePolicy = policyFor(style.markup)

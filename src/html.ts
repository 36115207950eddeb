import { createHash } from 'node:crypto'

/** Markup, which is not text: only `html` makes it, and whatever else it is given is escaped. */
export class Html {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }
}

type Part = Html | string | number | false | undefined | readonly Part[]

/** A piece of a page. What stands in it is escaped unless it is markup itself; lists are joined, undefined and false are nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, string, i) => text + markupOf(parts[i - 1]) + string))
}

function markupOf(part: Part): string {
  if (part === undefined || part === false) return ''
  if (part instanceof Html) return part.markup
  return typeof part === 'object' ? part.map(markupOf).join('') : escapeHtml(String(part))
}

/** A whole page, for phones and in the colours of whoever reads it. `head`: what else stands in its head. */
export function page({ title, style, head, body }: { title: Part; style: Html; head?: Part; body: Part }): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
${head}<style>${style}</style>
</head>
<body>
${body}</body>
</html>
`.markup
}

/** Text as it may stand in elements and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/**
 * A Content-Security-Policy for a page that uses this style and nothing else: even an escaping mistake could not run a
 * script. `more`: further directives.
 */
export function policyFor(style: string, more: readonly string[] = []): string {
  const hash = createHash('sha256').update(style).digest('base64')
  const closed = ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]
  return ["default-src 'none'", `style-src 'sha256-${hash}'`, ...more, ...closed].join('; ')
}

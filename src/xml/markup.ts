import { escapeText } from './escape.ts'

/** A comment, which ends at its first two hyphens, a processing instruction, a CDATA section. */
const markup =
  /<!--[\s\S]*?--(>?)|<\?(?![xX][mM][lL][\s?])[A-Za-z_:][\w:.-]*(?:\s[\s\S]*?)?\?>|<!\[CDATA\[([\s\S]*?)\]\]>/g

/**
 * The text without its comments and processing instructions, and with CDATA sections as escaped text. What is not
 * well-formed of them stays where it is, for whoever reads the tags to refuse.
 */
export function withoutMarkup(text: string): string {
  return text.replace(markup, (found: string, closed?: string, cdata = '') =>
    closed === '' ? found : escapeText(cdata),
  )
}

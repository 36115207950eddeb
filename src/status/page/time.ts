import { type Html, html } from '../../html.ts'

/** A moment (milliseconds) in words, with the exact one for machines and for whoever points at it. */
export function timePart(at: number, words: string): Html {
  return html`<time datetime="${new Date(at).toISOString()}" title="${clockText(at)}">${words}</time>`
}

/** `2026-11-22 22:00 UTC`. */
export function clockText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

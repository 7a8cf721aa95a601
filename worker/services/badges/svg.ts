import type { ExecutionStatus } from '../../engine/model.ts';

export type BadgeStatus = ExecutionStatus | 'None' | 'Unknown';

const WORDS: Readonly<Record<BadgeStatus, string>> = {
  InProgress: 'in progress',
  Stopping: 'stopping',
  Stopped: 'stopped',
  Succeeded: 'succeeded',
  Superseded: 'superseded',
  Failed: 'failed',
  Cancelled: 'cancelled',
  None: 'never run',
  Unknown: 'unknown',
};
/** White text on each of them has a contrast of 4.5 to 1 at least (WCAG 2.2, 1.4.3). */
const GREY = '#57606a';
const COLOURS: Readonly<Partial<Record<BadgeStatus, string>>> = {
  InProgress: '#0550ae',
  Succeeded: '#1a7f37',
  Failed: '#b3202c',
};
const HEIGHT = 20;
const PADDING = 6;
/** About the width of a letter at 11 px; `textLength` makes every font keep to it. */
const LETTER = 6.4;

/** Two fields, name and status, as badges look everywhere. Readers of screens hear both. */
export function badgeSvg(label: string, status: BadgeStatus): string {
  const left = field(label);
  const right = field(WORDS[status]);
  const width = left.width + right.width;
  const title = `${escaped(label)}: ${WORDS[status]}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    `<clipPath id="r"><rect width="${width}" height="${HEIGHT}" rx="3"/></clipPath>`,
    `<g clip-path="url(#r)"><rect width="${left.width}" height="${HEIGHT}" fill="#24292f"/>`,
    `<rect x="${left.width}" width="${right.width}" height="${HEIGHT}" fill="${COLOURS[status] ?? GREY}"/></g>`,
    '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">',
    `<text x="${PADDING}" y="14" textLength="${left.text}">${escaped(label)}</text>`,
    `<text x="${left.width + PADDING}" y="14" textLength="${right.text}">${WORDS[status]}</text>`,
    '</g></svg>',
  ].join('');
}

function field(words: string): { readonly text: number; readonly width: number } {
  const text = Math.round(words.length * LETTER);
  return { text, width: text + 2 * PADDING };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

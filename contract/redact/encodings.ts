/**
 * In which forms a value may turn up in what a job writes: as it is, and in the encodings that tools put it into without being
 * asked. Whoever has the value can always find one that is not here; this is a seat belt and no lock.
 */
export interface Patterns {
  /** Found as they are. */
  readonly exact: readonly string[];
  /** In the standard alphabet; the URL-safe one is found too. */
  readonly base64: readonly string[];
  /** In small letters; capitals are found too. */
  readonly hex: readonly string[];
  /** Too short to be looked for inside of words: found between characters that belong to no word. */
  readonly words: readonly string[];
}

/** Anything shorter would turn up by chance, and the log would be full of holes. */
export const SHORTEST = 6;
/** Where `base64` and PEM files break their lines. */
const LINE_WIDTHS = [64, 76];
const encoder = new TextEncoder();

export function patternsOf(values: readonly string[]): Patterns {
  const exact = new Set<string>();
  const base64 = new Set<string>();
  const hex = new Set<string>();
  const words = new Set<string>();
  for (const value of values) {
    for (const text of parts(value)) {
      for (const variant of escaped(text)) exact.add(variant);
      for (const variant of inBase64(encoder.encode(text))) base64.add(variant);
      hex.add(inHex(encoder.encode(text)));
    }
    const short = value.trim();
    if (short !== '' && encoder.encode(short).length < SHORTEST) words.add(short);
  }
  const long = (texts: Iterable<string>): string[] =>
    [...texts].filter((text) => encoder.encode(text).length >= SHORTEST);
  return { exact: long(exact), base64: long(base64), hex: long(hex), words: [...words] };
}

/** The value, what is left of it when a shell has taken the line breaks off its end, and each of its lines. */
function parts(value: string): ReadonlySet<string> {
  const lines = value.split(/\r?\n/).filter((line) => encoder.encode(line.trim()).length >= SHORTEST);
  return new Set([value, value.trim(), ...lines, ...lines.map((line) => line.trim())].filter((text) => text !== ''));
}

function escaped(text: string): readonly string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const uri = percentEncoded(text);
  const xml = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const attribute = xml.replaceAll('"', '&quot;');
  return [
    text,
    json,
    json.replaceAll('/', '\\/'),
    json.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ...uri.flatMap((one) => [one, one.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]),
    xml,
    attribute,
    attribute.replaceAll("'", '&apos;'),
    attribute.replaceAll("'", '&#39;'),
    attribute.replaceAll("'", '&#x27;').replaceAll('"', '&#34;'),
    // Between single quotes: of a POSIX shell, and of PowerShell.
    text.replaceAll("'", "'\\''"),
    text.replaceAll("'", "''"),
    // Between double quotes, and without any, as `printf %q` writes it.
    text.replace(/["\\$`]/g, '\\$&'),
    text.replace(/[^A-Za-z0-9_./:=@%+,-]/g, '\\$&'),
  ];
}

/** Of half a character there is no such form. */
function percentEncoded(text: string): readonly string[] {
  if (/\p{Surrogate}/u.test(text)) return [];
  const strict = encodeURIComponent(text);
  const strictest = strict.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  const plus = (encoded: string): string => encoded.replaceAll('%20', '+');
  return [strict, strictest, plus(strict), plus(strictest), form, form.replaceAll('+', '%20'), encodeURI(text)];
}

/**
 * Three bytes make four characters, so what a value looks like depends on where it begins among the three. Characters that its
 * neighbours have a share in are left out, except at the end of a value that stands alone.
 */
function inBase64(bytes: Uint8Array): readonly string[] {
  const whole = base64Of(bytes);
  const shifted = [0, 1, 2].map((offset) => {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    const [from, to] = [Math.ceil((offset * 8) / 6), Math.floor((padded.length * 8) / 6)];
    return base64Of(padded).slice(from, to);
  });
  const broken = LINE_WIDTHS.filter((width) => whole.length > width).flatMap((width) => [
    ...(whole.match(new RegExp(`.{1,${width}}`, 'g')) ?? []),
  ]);
  return [whole, ...shifted, ...broken];
}

function base64Of(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('=', '');
}

function inHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

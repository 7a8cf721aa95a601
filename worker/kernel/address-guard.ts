import type { NameLookup } from './name-lookup.ts';

/**
 * Which addresses a tenant may make this service call. Tenants choose URLs (health checks, webhooks), and the service stands in
 * somebody's network: loopback, private and link-local hosts and the metadata services of clouds are nobody's business.
 *
 * `checkAddress` looks at the URL alone; where the name leads, `checkName` asks. Cloudflare itself refuses to connect to private
 * addresses, and the flag `global_fetch_strictly_public` keeps our own zone out, so a look-up is the second lock, not the first.
 * Redirects must be followed by hand, each target through here.
 */
export type CheckedAddress =
  { readonly ok: true; readonly url: URL } | { readonly ok: false; readonly message: string };

/** Hosts that the operator lets through all the same: `host`, `host:port`, or `.suffix` for everything below it. */
export type AllowedHosts = readonly string[];

export function parseAllowedHosts(text: string): AllowedHosts {
  return text
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '');
}

export function checkAddress(text: string, allowed: AllowedHosts = []): CheckedAddress {
  if (!URL.canParse(text)) return refuse(`"${shortened(text)}" is not a URL`);
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return refuse('The URL must begin with https:// or http://');
  }
  if (url.username !== '' || url.password !== '') return refuse('The URL must not hold a user name or password');
  const host = url.hostname.replace(/\.$/, '').toLowerCase();
  if (isAllowed(host, portOf(url), allowed)) return { ok: true, url };
  const problem = portProblem(Number(portOf(url))) ?? hostProblem(host, text);
  return problem === undefined ? { ok: true, url } : refuse(problem);
}

/**
 * What is wrong with where a checked URL leads, or undefined. Without a way to look names up nothing is known to be wrong; with one,
 * a name that cannot be looked up is not gone to.
 */
export async function checkName(
  url: URL,
  allowed: AllowedHosts,
  lookUp: NameLookup | undefined,
): Promise<string | undefined> {
  const host = url.hostname.replace(/\.$/, '').toLowerCase();
  const isLiteral = host.startsWith('[') || ipv4(host) !== undefined;
  if (lookUp === undefined || isLiteral || isAllowed(host, portOf(url), allowed)) return undefined;
  let addresses: readonly string[];
  try {
    addresses = await lookUp(host);
  } catch {
    return `The host "${host}" could not be looked up.`;
  }
  if (addresses.length === 0) return `The host "${host}" does not exist.`;
  // One private address among public ones is enough: which of them is taken, nobody can say.
  return addresses.every(isPublic) ? undefined : `The host "${host}" does not lead to a public address.`;
}

/** Is it one of those that the operator lets through all the same? */
export function isAllowedHost(url: URL, allowed: AllowedHosts): boolean {
  return isAllowed(url.hostname.replace(/\.$/, '').toLowerCase(), portOf(url), allowed);
}

/** Mail, name servers and whatever else takes a request for a command of its own live below: of those, the two of the web alone. */
const LOW_PORTS = 1024;

function portProblem(port: number): string | undefined {
  if (port === 80 || port === 443 || port >= LOW_PORTS) return undefined;
  return `The port ${port} is not one for the web; 80, 443 and those from ${LOW_PORTS} on are`;
}

function isPublic(address: string): boolean {
  const octets = ipv4(address);
  if (octets !== undefined) return octets.every((octet) => octet <= 255) && isPublicIpv4(octets);
  const groups = ipv6(address);
  return groups !== undefined && isPublicIpv6(groups);
}

function hostProblem(host: string, text: string): string | undefined {
  const octets = ipv4(host);
  if (octets !== undefined) {
    // The URL parser has turned 2130706433, 0x7f.1 and 0177.0.0.1 into 127.0.0.1 by now; nobody honest writes them.
    if (writtenHost(text) !== host) return `The host ${host} must be written as four decimal numbers`;
    return isPublicIpv4(octets) ? undefined : `The host ${host} is not a public address`;
  }
  if (host.startsWith('[')) {
    const groups = ipv6(host.slice(1, -1));
    return groups !== undefined && isPublicIpv6(groups) ? undefined : `The host ${host} is not a public address`;
  }
  if (!host.includes('.')) return `The host "${host}" is not a public name`;
  const isPrivateName = PRIVATE_SUFFIXES.some((suffix) => host.endsWith(suffix));
  return isPrivateName ? `The host "${host}" is not a public name` : undefined;
}

/** RFC 6761, RFC 6762, RFC 8375, ICANN's `.internal` (which cloud metadata services use), and what home routers hand out. */
const PRIVATE_SUFFIXES = [
  '.localhost',
  '.localdomain',
  '.local',
  '.internal',
  '.home.arpa',
  '.in-addr.arpa',
  '.ip6.arpa',
  '.intranet',
  '.private',
  '.corp',
  '.home',
  '.lan',
  '.test',
  '.invalid',
  '.onion',
];

/** IANA's registry of special-purpose IPv4 addresses, and multicast: base and length of prefix. */
const SPECIAL_IPV4: readonly (readonly [readonly [number, number, number, number], number])[] = [
  [[0, 0, 0, 0], 8],
  [[10, 0, 0, 0], 8],
  [[100, 64, 0, 0], 10],
  [[127, 0, 0, 0], 8],
  [[169, 254, 0, 0], 16],
  [[172, 16, 0, 0], 12],
  [[192, 0, 0, 0], 24],
  [[192, 0, 2, 0], 24],
  [[192, 88, 99, 0], 24],
  [[192, 168, 0, 0], 16],
  [[198, 18, 0, 0], 15],
  [[198, 51, 100, 0], 24],
  [[203, 0, 113, 0], 24],
  [[224, 0, 0, 0], 4],
  [[240, 0, 0, 0], 4],
];

function isPublicIpv4(octets: readonly number[]): boolean {
  const address = numberOf(octets);
  return !SPECIAL_IPV4.some(([base, length]) => {
    const size = 2 ** (32 - length);
    return Math.floor(address / size) === Math.floor(numberOf(base) / size);
  });
}

function numberOf(octets: readonly number[]): number {
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** Global unicast (2000::/3) without what tunnels to IPv4 (Teredo, 6to4) or stands in documentation. */
function isPublicIpv6([first = 0, second = 0]: readonly number[]): boolean {
  if (first < 0x2000 || first > 0x3fff) return false;
  if (first === 0x2001 && (second < 0x0200 || second === 0x0db8)) return false;
  return first !== 0x2002 && !(first === 0x3fff && second < 0x1000);
}

function ipv4(host: string): readonly number[] | undefined {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host) ? host.split('.').map(Number) : undefined;
}

/** The eight groups of an address as the URL parser writes it: no dots, one `::` at most. */
function ipv6(address: string): readonly number[] | undefined {
  const [head = '', tail] = address.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  const all = tail === undefined ? first : [...first, ...zeros(8 - first.length - last.length), ...last];
  return all.length === 8 && all.every((group) => group >= 0 && group <= 0xffff) ? all : undefined;
}

function zeros(count: number): number[] {
  return Array.from({ length: Math.max(0, count) }, () => 0);
}

/** The host before the URL parser made it regular. */
function writtenHost(text: string): string | undefined {
  return /^[a-z]+:\/\/([^/\\?#:]*)/i.exec(text.trim())?.[1]?.replace(/\.$/, '');
}

function isAllowed(host: string, port: string, allowed: AllowedHosts): boolean {
  return allowed.some((entry) =>
    entry.startsWith('.') ? host.endsWith(entry) : entry === host || entry === `${host}:${port}`,
  );
}

function portOf({ port, protocol }: URL): string {
  if (port !== '') return port;
  return protocol === 'https:' ? '443' : '80';
}

function shortened(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}

function refuse(message: string): CheckedAddress {
  return { ok: false, message: `${message}.` };
}

import { PermanentFailure } from '../kernel/failure.ts';
import { readText } from '../kernel/read-text.ts';
import type { AwsCalls, AwsService } from './client.ts';

/** What S3 says of a version of an object. */
export interface S3Version {
  /** Absent: the bucket keeps no versions. */
  readonly versionId?: string;
  readonly etag: string;
  readonly sizeBytes?: number;
  /** Metadata that the uploader has given it; names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface S3Body extends S3Version {
  readonly body: ReadableStream<Uint8Array>;
}

const S3: AwsService = { name: 'Amazon S3', host: 's3', signing: 's3' };
/** "Bucket naming rules". Whatever else would be no name but a way into another address. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const ERROR_MAX_BYTES = 64 * 1024;
const DOWNLOAD_TIMEOUT_MS = 4 * 60_000;
const METADATA = 'x-amz-meta-';
/** SHA-256 of no bytes: a policy of the bucket may demand that payloads are signed. */
const NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

interface Place {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

export interface S3Objects {
  /** S3, "HeadObject". */
  newest(bucket: string, key: string): Promise<S3Version>;
  /** S3, "GetObject", streamed. */
  read(bucket: string, key: string, versionId: string): Promise<S3Body>;
}

export function s3Objects(calls: AwsCalls): S3Objects {
  return {
    newest: async (bucket, key) => versionOf(await ask(calls, 'HEAD', { bucket, key })),
    read: async (bucket, key, versionId) => {
      const response = await ask(calls, 'GET', { bucket, key, versionId });
      const body = (response.body ?? new Blob([]).stream()) as ReadableStream<Uint8Array>;
      return { ...versionOf(response), body };
    },
  };
}

async function ask(calls: AwsCalls, method: 'GET' | 'HEAD', place: Place): Promise<Response> {
  const response = await send(calls, method, place);
  if (response.ok) return response;
  const elsewhere = response.headers.get('x-amz-bucket-region') ?? '';
  const isElsewhere =
    elsewhere !== '' && elsewhere !== calls.identity.region && calls.identity.endpoint === undefined;
  if (!isElsewhere || ![301, 307, 400].includes(response.status)) throw await failure(calls, method, place, response);
  await response.body?.cancel();
  const there = calls.in(elsewhere);
  const again = await send(there, method, place);
  if (again.ok) return again;
  throw await failure(there, method, place, again);
}

function send(calls: AwsCalls, method: 'GET' | 'HEAD', place: Place): Promise<Response> {
  const url = urlOf(calls, place);
  const timeout = method === 'GET' ? { timeoutMs: DOWNLOAD_TIMEOUT_MS } : {};
  return calls.send(S3, { method, url, headers: { 'x-amz-content-sha256': NOTHING }, ...timeout });
}

/** "Virtual hosting of buckets"; names with dots fit no certificate, and other endpoints know paths alone. */
function urlOf(calls: AwsCalls, { bucket, key, versionId }: Place): string {
  if (!BUCKET.test(bucket)) throw new PermanentFailure('ConfigurationError', `"${bucket}" is no name of a bucket.`);
  const { endpoint } = calls.identity;
  const host = calls.hostOf('s3');
  const base =
    endpoint !== undefined
      ? `${endpoint.replace(/\/+$/, '')}/${bucket}`
      : bucket.includes('.')
        ? `https://${host}/${bucket}`
        : `https://${bucket}.${host}`;
  const version = versionId === undefined ? '' : `?versionId=${encoded(versionId)}`;
  return `${base}/${pathOf(key)}${version}`;
}

function pathOf(key: string): string {
  const parts = key.split('/');
  // Every client resolves these before it asks, however they are written.
  if (parts.includes('.') || parts.includes('..')) {
    throw new PermanentFailure(
      'ConfigurationError',
      `The key "${key}" has a part "." or ".."; it cannot be asked for.`,
    );
  }
  return parts.map(encoded).join('/');
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

function versionOf({ headers }: Response): S3Version {
  const versionId = headers.get('x-amz-version-id');
  const length = headers.get('content-length');
  // What is unpacked on the way here has another length than it says.
  const isPlain = length !== null && headers.get('content-encoding') === null;
  const metadata = [...headers].flatMap(([name, value]): [string, string][] =>
    name.startsWith(METADATA) ? [[name.slice(METADATA.length), value]] : [],
  );
  return {
    ...(versionId === null || versionId === 'null' ? {} : { versionId }),
    etag: (headers.get('etag') ?? '').replace(/^"|"$/g, ''),
    ...(isPlain ? { sizeBytes: Number(length) } : {}),
    metadata: Object.fromEntries(metadata),
  };
}

async function failure(calls: AwsCalls, method: 'GET' | 'HEAD', place: Place, response: Response): Promise<Error> {
  const operation = method === 'GET' ? 'GetObject' : 'HeadObject';
  const text = method === 'GET' ? ((await readText(response.body, ERROR_MAX_BYTES)) ?? '') : '';
  const tag = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? '';
  const what = `"${place.key}"${place.versionId === undefined ? '' : ` in version ${place.versionId}`}`;
  // HEAD says nothing but the status: 404 means the key, or the bucket.
  if (response.status === 404 && tag('Code') === '') {
    return new PermanentFailure('RevisionUnavailable', `There is no object ${what} in the bucket "${place.bucket}".`);
  }
  const hint =
    response.status === 403 ? ' Without s3:ListBucket, S3 says the same of an object that is not there.' : '';
  const message = `${tag('Message')} It was asked for ${what} in the bucket "${place.bucket}".${hint}`;
  return calls.failure(S3, operation, response.status, tag('Code'), message);
}

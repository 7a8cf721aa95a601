export interface StoredVersion {
  readonly id: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface StoredBucket {
  readonly region: string;
  readonly isVersioned: boolean;
  /** By key, the newest last. */
  readonly objects: Map<string, StoredVersion[]>;
}

/** S3 as far as sources read it: newest and named versions, by path or by host, in the bucket's own region. */
export function answerS3(buckets: ReadonlyMap<string, StoredBucket>, request: Request): Response {
  const url = new URL(request.url);
  const [, virtual, region = ''] = /^(?:(.+)\.)?s3\.([a-z0-9-]+)\.amazonaws\.com/.exec(url.hostname) ?? [];
  const [first = '', ...rest] = url.pathname.slice(1).split('/');
  const name = virtual ?? first;
  const key = (virtual === undefined ? rest : [first, ...rest]).map(decodeURIComponent).join('/');
  const bucket = buckets.get(name);
  if (bucket === undefined) return refusal(request, 404, 'NoSuchBucket');
  if (bucket.region !== region) {
    return refusal(request, 301, 'PermanentRedirect', { 'x-amz-bucket-region': bucket.region });
  }
  const versions = bucket.objects.get(key);
  if (versions === undefined) return refusal(request, 404, 'NoSuchKey');
  const wanted = url.searchParams.get('versionId');
  const version = wanted === null ? versions.at(-1) : versions.find(({ id }) => id === wanted);
  if (version === undefined) return refusal(request, 404, 'NoSuchVersion');
  const headers = new Headers({
    etag: `"etag-of-${version.id}"`,
    'content-length': String(version.bytes.byteLength),
    'content-type': 'application/octet-stream',
    'last-modified': 'Wed, 25 Nov 2026 12:00:00 GMT',
  });
  if (bucket.isVersioned) headers.set('x-amz-version-id', version.id);
  for (const [name, value] of Object.entries(version.metadata ?? {})) headers.set(`x-amz-meta-${name}`, value);
  return new Response(request.method === 'HEAD' ? null : version.bytes, { headers });
}

/** An answer to HEAD has no body: nobody learns more than the status. */
function refusal(request: Request, status: number, code: string, headers: Record<string, string> = {}): Response {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>Said by the double.</Message></Error>`;
  return new Response(request.method === 'HEAD' ? null : body, {
    status,
    headers: { 'content-type': 'application/xml', ...headers },
  });
}

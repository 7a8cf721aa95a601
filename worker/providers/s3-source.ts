import {
  type ActionProvider,
  type FetchedBytes,
  misconfigured,
  type Progress,
  type ProviderRun,
  SOURCE_MAX_BYTES,
  type TakeBytes,
  unavailable,
} from './provider.ts';

/** A version of an object, as S3 tells of it. */
export interface ObjectVersion {
  /** Absent: the bucket keeps no versions. */
  readonly versionId?: string;
  readonly etag: string;
  readonly sizeBytes?: number;
  /** Names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Buckets that a run may read. Throws what S3 refuses as failures. */
export interface BucketReader {
  newest(bucket: string, key: string): Promise<ObjectVersion>;
  read(
    bucket: string,
    key: string,
    versionId: string,
  ): Promise<ObjectVersion & { readonly body: ReadableStream<Uint8Array> }>;
}

export interface S3SourceParts {
  /** Throws when the run's tenant has no such connection. */
  readonly s3: (run: ProviderRun) => Promise<BucketReader>;
  readonly take: TakeBytes;
}

/** S3 source action reference: what the uploader says of a revision. */
const SUMMARY = 'codepipeline-artifact-revision-summary';
const SUMMARY_MAX = 500;
const ZIP = [0x50, 0x4b];
const GZIP = [0x1f, 0x8b];

/**
 * Source/S3: one version of an object. The version is fixed before it is fetched: by the pin that the execution was started with, or by
 * asking for the newest one, which is kept as the external id.
 */
export function s3Source({ s3, take }: S3SourceParts): ActionProvider {
  async function fetchVersion(run: ProviderRun, { bucket, key }: Place, versionId: string): Promise<Progress> {
    const { body, etag, sizeBytes, metadata } = await (await s3(run)).read(bucket, key, versionId);
    if (sizeBytes !== undefined && sizeBytes > SOURCE_MAX_BYTES) {
      await body.cancel();
      return unavailable(`"${key}" is larger than ${SOURCE_MAX_BYTES / 2 ** 20} MiB.`);
    }
    const bytes = await formatted(key, body, sizeBytes);
    if (typeof bytes === 'string') return unavailable(bytes);
    const taken = await take(run.tenant, bytes, SOURCE_MAX_BYTES);
    const summary = (metadata[SUMMARY] ?? run.pin?.summary ?? `${key}, version ${versionId}`).slice(0, SUMMARY_MAX);
    return {
      kind: 'Succeeded',
      variables: { BucketName: bucket, ObjectKey: key, ETag: etag, VersionId: versionId },
      artifacts: run.outputs.map(({ name }) => ({ name, ...taken })),
      summary,
      revision: { id: versionId, type: 'S3_OBJECT_VERSION_ID', summary },
    };
  }

  return {
    types: ['Source/S3'],

    async start(run) {
      const place = placeOf(run);
      if (typeof place === 'string') return misconfigured(place);
      if (run.pin?.type === 'S3_OBJECT_VERSION_ID') return fetchVersion(run, place, run.pin.value);
      const { versionId } = await (await s3(run)).newest(place.bucket, place.key);
      if (versionId === undefined) {
        return misconfigured(
          `The bucket "${place.bucket}" keeps no versions of "${place.key}"; turn versioning on and upload it again.`,
        );
      }
      return { kind: 'Running', externalId: versionId, checkAfterMs: 1 };
    },

    async poll(run, externalId = '') {
      const place = placeOf(run);
      return typeof place === 'string' ? misconfigured(place) : fetchVersion(run, place, externalId);
    },

    // Fetching starts nothing anywhere.
    cancel: () => Promise.resolve('Cancelled'),
  };
}

interface Place {
  readonly bucket: string;
  readonly key: string;
}

function placeOf({ configuration, pin }: ProviderRun): Place | string {
  const {
    S3Bucket: bucket = '',
    S3ObjectKey: configured = '',
    AllowOverrideForS3ObjectKey: mayOverride,
  } = configuration;
  if (bucket === '') return 'S3Bucket is missing.';
  if (configured === '') return 'S3ObjectKey is missing.';
  if (pin !== undefined && !pin.type.startsWith('S3_')) return `A ${pin.type} is nothing of a bucket.`;
  const key = (pin?.type === 'S3_OBJECT_KEY' ? pin.value : pin?.key) ?? configured;
  if (key === configured || mayOverride === 'true') return { bucket, key };
  return `The start names the key "${key}", and AllowOverrideForS3ObjectKey is not true.`;
}

/** By what it is; a name alone can be wrong, and gzip alone says nothing of what is inside. */
async function formatted(
  key: string,
  body: ReadableStream<Uint8Array>,
  sizeBytes: number | undefined,
): Promise<FetchedBytes | string> {
  const { head, whole } = await peeked(body);
  const begins = (magic: readonly number[]): boolean => magic.every((byte, index) => head[index] === byte);
  const isNamed = (...ends: readonly string[]): boolean => ends.some((end) => key.toLowerCase().endsWith(end));
  const isTar = isNamed('.tar.gz', '.tgz');
  if (begins([...ZIP, 0x03, 0x04]) || begins([...ZIP, 0x05, 0x06])) return { body: whole, format: 'zip' };
  if (isTar && begins(GZIP)) return { body: whole, format: 'tar.gz' };
  if (isTar || isNamed('.zip')) {
    await whole.cancel();
    return `"${key}" is not what its name says it is.`;
  }
  const name = key.split('/').findLast((part) => part !== '') ?? 'file';
  return { body: whole, format: 'file', name, ...(sizeBytes === undefined ? {} : { sizeBytes }) };
}

const HEAD_BYTES = 4;

/** Its first bytes, and all of it from the first byte on. */
async function peeked(
  body: ReadableStream<Uint8Array>,
): Promise<{ readonly head: readonly number[]; readonly whole: ReadableStream<Uint8Array> }> {
  const reader = body.getReader();
  const read: Uint8Array[] = [];
  const head: number[] = [];
  while (head.length < HEAD_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    read.push(value);
    head.push(...value.subarray(0, HEAD_BYTES));
  }
  const whole = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const early = read.shift();
      const { done, value } = early === undefined ? await reader.read() : { done: false, value: early };
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { head, whole };
}

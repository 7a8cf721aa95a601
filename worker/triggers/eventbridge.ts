import { z } from 'zod';
import type { SourceEvent } from '../engine/source-event.ts';
import { NAME, readPayload, shortened, TEXT } from './support/payload.ts';
import { isRefName } from './support/ref.ts';
import { verifyShown } from './support/shown-secret.ts';
import type { TriggerSource } from './trigger-source.ts';

/** What a connection of an API destination is told to send (authorization type API_KEY). */
const HEADER = 'x-millrace-secret';

const ENVELOPE = z.object({
  id: z.string().min(1).max(200),
  'detail-type': NAME,
  source: NAME,
  account: z.string().max(20).catch(''),
  detail: z.record(z.string(), z.unknown()).catch({}),
});
type Envelope = z.infer<typeof ENVELOPE>;

/** Amazon EventBridge, through an API destination (user guide, "API destinations"). Events are not signed there. */
export const eventBridgeTrigger: TriggerSource = {
  kind: 'eventbridge',
  verify: (raw, secrets) => verifyShown('eventbridge', raw, secrets, { header: HEADER, shown: raw.headers[HEADER] }),
  parse(delivery) {
    const read = readPayload(delivery, ENVELOPE);
    if (!read.ok) return read;
    const about = { deliveryId: read.value.id, name: read.value['detail-type'] };
    const event = eventIn(read.value, new TextDecoder().decode(delivery.body));
    if (typeof event === 'string') return { ok: true, parsed: { ...about, events: [], ignored: event } };
    return { ok: true, parsed: { ...about, events: [event] } };
  },
};

/** One in the forms that sources know, or, from anybody else, as it is. A sentence: nothing follows from it. */
function eventIn(envelope: Envelope, payload: string): SourceEvent | string {
  const type = envelope['detail-type'];
  switch (`${envelope.source} ${type}`) {
    case 'aws.codecommit CodeCommit Repository State Change':
      return codeCommit(envelope);
    case 'aws.s3 Object Created':
      return objectCreated(envelope);
    case 'aws.s3 AWS API Call via CloudTrail':
      return objectWritten(envelope);
    case 'aws.ecr ECR Image Action':
      return image(envelope);
    default:
      return { kind: 'custom', type, payload, actor: { name: envelope.source } };
  }
}

const COMMIT = z.string().regex(/^[0-9a-f]{40,64}$/);

const CODECOMMIT = z.object({
  event: z.enum(['referenceCreated', 'referenceUpdated', 'referenceDeleted']),
  repositoryName: NAME,
  referenceType: z.enum(['branch', 'tag']),
  referenceName: z.string().refine(isRefName),
  commitId: COMMIT.optional(),
  oldCommitId: COMMIT.optional(),
  callerUserArn: TEXT.optional(),
});

function codeCommit({ detail }: Envelope): SourceEvent | string {
  const parsed = CODECOMMIT.safeParse(detail);
  if (!parsed.success) return 'It says nothing about a branch or a tag that can be understood.';
  const { event, repositoryName: name, referenceType: kind, referenceName, callerUserArn } = parsed.data;
  const { commitId, oldCommitId } = parsed.data;
  const isDeleted = event === 'referenceDeleted';
  return {
    kind: 'push',
    repository: { name },
    ref: { kind, name: referenceName },
    ...(oldCommitId === undefined || event === 'referenceCreated' ? {} : { before: oldCommitId }),
    ...(isDeleted || commitId === undefined ? {} : { after: { id: commitId } }),
    actor: { name: callerUserArn ?? 'CodeCommit' },
  };
}

const KEY = z.string().min(1).max(1024);
const TAG = z.string().max(1024).optional();
const OBJECT = z.object({
  bucket: z.object({ name: NAME }),
  object: z.object({ key: KEY, 'version-id': TAG, etag: TAG }),
  requester: TEXT.optional(),
});

function objectCreated({ detail }: Envelope): SourceEvent | string {
  const parsed = OBJECT.safeParse(detail);
  if (!parsed.success) return 'It names no object that can be understood.';
  const { bucket, object, requester } = parsed.data;
  const { key, etag, 'version-id': versionId } = object;
  return {
    kind: 'object',
    bucket: bucket.name,
    key,
    ...(versionId === undefined ? {} : { versionId }),
    ...(etag === undefined ? {} : { etag }),
    actor: { name: requester ?? 'Amazon S3' },
  };
}

/** The calls that CodePipeline's own rules are for (user guide, "Create an EventBridge rule for an Amazon S3 source"). */
const WRITES = ['PutObject', 'CopyObject', 'CompleteMultipartUpload'];
const CALL = z.object({
  eventName: NAME,
  requestParameters: z.object({ bucketName: NAME, key: KEY }),
  responseElements: z.object({ 'x-amz-version-id': TAG }).nullish(),
  userIdentity: z.object({ arn: TEXT }).nullish().catch(undefined),
});

function objectWritten({ detail }: Envelope): SourceEvent | string {
  const parsed = CALL.safeParse(detail);
  if (!parsed.success) return 'It names no object that can be understood.';
  const { eventName, requestParameters, responseElements, userIdentity } = parsed.data;
  if (!WRITES.includes(eventName)) return `Nothing follows from ${shortened(eventName, 100)}.`;
  const versionId = responseElements?.['x-amz-version-id'];
  return {
    kind: 'object',
    bucket: requestParameters.bucketName,
    key: requestParameters.key,
    ...(versionId === undefined ? {} : { versionId }),
    actor: { name: userIdentity?.arn ?? 'Amazon S3' },
  };
}

const IMAGE = z.object({
  'action-type': z.string(),
  result: z.string(),
  'repository-name': NAME,
  'image-tag': z.string().max(300).optional(),
  'image-digest': z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .optional(),
});

function image({ detail }: Envelope): SourceEvent | string {
  const parsed = IMAGE.safeParse(detail);
  if (!parsed.success) return 'It names no image that can be understood.';
  const { 'action-type': action, result, 'image-tag': tag, 'image-digest': digest } = parsed.data;
  if (action !== 'PUSH' || result !== 'SUCCESS') return 'Only images that were pushed start anything.';
  if (tag === undefined || tag === '') return 'The image has no tag.';
  return {
    kind: 'image',
    repository: { name: parsed.data['repository-name'] },
    tag,
    ...(digest === undefined ? {} : { digest }),
    actor: { name: 'Amazon ECR' },
  };
}

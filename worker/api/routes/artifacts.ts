import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { PreparedUpload, PrepareUpload, RegisterRevision, StoredArtifact } from '../../../contract/artifacts.ts';
import { Digest } from '../../../contract/names.ts';
import { Revision } from '../../../contract/pipelines.ts';
import { confirmUpload, prepareUpload, putArtifact, readArtifact } from '../../services/artifacts/store.ts';
import { registerRevision, uploadRevision } from '../../services/sources/upload.ts';
import type { ApiEnv } from '../context.ts';
import { jsonOf, streamBody, textBody } from '../middleware/body.ts';
import { describeBody, json, jsonBody, problems, security } from './shared.ts';

const tags = ['Artifacts and sources'];
const DigestParam = z.object({ digest: Digest.openapi({ param: { name: 'digest', in: 'path' } }) });
const SourceParams = z.object({
  pipeline: z.string().openapi({ param: { name: 'pipeline', in: 'path' } }),
  action: z.string().openapi({ param: { name: 'action', in: 'path' } }),
});
const SourceHeaders = z.object({
  'x-millrace-digest': Digest.optional().openapi({ description: 'Checked on the way in; left out, it is counted.' }),
});
const bytes = { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } };

export function artifactRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/artifacts/{digest}',
      tags,
      security,
      summary: 'Download an artifact',
      request: { params: DigestParam },
      responses: { 200: { description: 'The bytes', content: bytes }, ...problems('artifact_not_found') },
    }),
    async (c) => {
      const object = await readArtifact(c.get('service'), c.req.valid('param').digest);
      return c.body(object.body, 200, {
        'content-type': 'application/octet-stream',
        'content-length': String(object.size),
        'content-disposition': `attachment; filename="${c.req.valid('param').digest.slice(7, 19)}.tar.gz"`,
        etag: object.httpEtag,
      });
    },
  );

  const put = createRoute({
    method: 'put',
    path: '/artifacts/{digest}',
    hide: true,
    tags,
    security,
    summary: 'Upload an artifact of up to 95 MB',
    request: { params: DigestParam },
    responses: {
      201: json(StoredArtifact, 'Stored, and its bytes checked'),
      ...problems('digest_mismatch', 'payload_too_large', 'length_required', 'job_fenced'),
    },
  });
  describeBody(app, put, bytes);
  app.openapi(put, async (c) => {
    const { body, sizeBytes } = streamBody(c);
    return c.json(await putArtifact(c.get('service'), c.req.valid('param').digest, body, sizeBytes), 201);
  });

  app.openapi(
    createRoute({
      method: 'post',
      path: '/uploads',
      tags,
      security,
      summary: 'Prepare the upload of an artifact of up to 5 GiB, straight to R2',
      request: { body: jsonBody(PrepareUpload) },
      responses: {
        200: json(PreparedUpload, 'Where to put the bytes; `upload` is null when they are there already'),
        ...problems('artifact_too_large', 'upload_unavailable', 'job_fenced'),
      },
    }),
    async (c) => {
      const { digest, sizeBytes } = c.req.valid('json');
      return c.json(await prepareUpload(c.get('service'), digest, sizeBytes), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/uploads/{digest}/confirm',
      tags,
      security,
      summary: 'Check the uploaded bytes; only then can the artifact be seen',
      request: { params: DigestParam },
      responses: {
        200: json(StoredArtifact, 'Visible from now on'),
        ...problems('artifact_not_found', 'digest_mismatch', 'job_fenced'),
      },
    }),
    async (c) => c.json(await confirmUpload(c.get('service'), c.req.valid('param').digest), 200),
  );

  const source = createRoute({
    method: 'put',
    path: '/sources/{pipeline}/{action}',
    hide: true,
    tags,
    security,
    summary: 'Upload a revision (a gzipped tar of up to 95 MB) for a Source/Upload action',
    description: 'Larger ones: upload first, then send `{digest}` as application/json.',
    request: {
      params: SourceParams,
      query: z.object({ summary: z.string().max(500).default(''), branch: z.string().max(255).optional() }),
      headers: SourceHeaders,
    },
    responses: {
      201: json(Revision, 'The newest revision of the action'),
      ...problems(
        'pipeline_not_found',
        'source_action_not_found',
        'artifact_not_found',
        'digest_mismatch',
        'payload_too_large',
        'length_required',
      ),
    },
  });
  describeBody(app, source, {
    'application/gzip': { schema: z.string().openapi({ format: 'binary' }) },
    'application/json': { schema: RegisterRevision },
  });
  app.openapi(source, async (c) => {
    const service = c.get('service');
    const place = c.req.valid('param');
    if (c.req.header('content-type')?.includes('json') === true) {
      const { digest, ...about } = RegisterRevision.parse(jsonOf(await textBody(c)));
      return c.json(await registerRevision(service, place, digest, about), 201);
    }
    const upload = { ...streamBody(c), digest: c.req.valid('header')['x-millrace-digest'] };
    return c.json(await uploadRevision(service, place, upload, c.req.valid('query')), 201);
  });
}

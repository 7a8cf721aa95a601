export interface StoredImage {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly sizeBytes: number;
  readonly pushedAt: number;
}

interface DescribeImages {
  readonly repositoryName: string;
  readonly imageIds: readonly { readonly imageTag?: string; readonly imageDigest?: string }[];
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export const REGISTRY = '111122223333';

/** "DescribeImages" of ECR; repositories by name, images the newest last. */
export function answerEcr(repositories: ReadonlyMap<string, readonly StoredImage[]>, body: DescribeImages): Answer {
  const images = repositories.get(body.repositoryName);
  if (images === undefined) return refusal('RepositoryNotFoundException');
  const [id] = body.imageIds;
  const image = images.findLast(
    ({ digest, tags }) => digest === id?.imageDigest || (id?.imageTag !== undefined && tags.includes(id.imageTag)),
  );
  if (image === undefined) return refusal('ImageNotFoundException');
  const detail = {
    registryId: REGISTRY,
    repositoryName: body.repositoryName,
    imageDigest: image.digest,
    imageTags: image.tags,
    imageSizeInBytes: image.sizeBytes,
    imagePushedAt: image.pushedAt,
  };
  return { status: 200, body: { imageDetails: [detail] } };
}

function refusal(type: string): Answer {
  return { status: 400, body: { __type: type, message: 'Said by the double.' } };
}

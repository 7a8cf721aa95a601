import { PermanentFailure } from '../kernel/failure.ts';
import type { AwsCalls, AwsService } from './client.ts';

/** ECR, "ImageDetail", as far as a source hands it on. */
export interface EcrImage {
  readonly registryId: string;
  readonly repositoryName: string;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly sizeBytes: number;
  /** Seconds since the Unix epoch, as ECR says it. */
  readonly pushedAt: number;
  /** Where it is pulled from, by its digest. */
  readonly uri: string;
}

export interface EcrImages {
  /** ECR, "DescribeImages", of one image. */
  describe(repository: string, image: { readonly tag: string } | { readonly digest: string }): Promise<EcrImage>;
}

const ECR: AwsService = {
  name: 'Amazon ECR',
  host: 'api.ecr',
  signing: 'ecr',
  target: 'AmazonEC2ContainerRegistry_V20150921',
};

interface ImageDetail {
  readonly registryId?: string;
  readonly repositoryName?: string;
  readonly imageDigest?: string;
  readonly imageTags?: readonly string[];
  readonly imageSizeInBytes?: number;
  readonly imagePushedAt?: number;
}

export function ecrImages(calls: AwsCalls): EcrImages {
  return {
    async describe(repositoryName, image) {
      const imageId = 'tag' in image ? { imageTag: image.tag } : { imageDigest: image.digest };
      const answer = await calls.json(ECR, 'DescribeImages', { repositoryName, imageIds: [imageId] });
      const [detail] = (answer as { readonly imageDetails?: readonly ImageDetail[] }).imageDetails ?? [];
      const { registryId, imageDigest } = detail ?? {};
      if (detail === undefined || registryId === undefined || imageDigest === undefined) {
        throw new PermanentFailure(
          'RevisionUnavailable',
          `Amazon ECR says nothing of an image in ${repositoryName}.`,
        );
      }
      return {
        registryId,
        repositoryName,
        digest: imageDigest,
        tags: detail.imageTags ?? [],
        sizeBytes: detail.imageSizeInBytes ?? 0,
        pushedAt: detail.imagePushedAt ?? 0,
        uri: `${registryId}.dkr.${calls.hostOf('ecr')}/${repositoryName}@${imageDigest}`,
      };
    },
  };
}

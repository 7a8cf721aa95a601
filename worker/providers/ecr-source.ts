import {
  type ActionProvider,
  bytesOf,
  misconfigured,
  type Progress,
  type ProviderRun,
  SOURCE_MAX_BYTES,
  type TakeBytes,
} from './provider.ts';

/** An image, as Amazon ECR tells of it. */
export interface RegistryImage {
  readonly registryId: string;
  readonly repositoryName: string;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly sizeBytes: number;
  /** Seconds since the Unix epoch. */
  readonly pushedAt: number;
  /** Where it is pulled from, by its digest. */
  readonly uri: string;
}

/** Registries that a run may read. Throws what ECR refuses as failures. */
export interface RegistryReader {
  describe(repository: string, image: { readonly tag: string } | { readonly digest: string }): Promise<RegistryImage>;
}

export interface EcrSourceParts {
  /** Throws when the run's tenant has no such connection. */
  readonly ecr: (run: ProviderRun) => Promise<RegistryReader>;
  readonly take: TakeBytes;
}

/** User guide, "imageDetail.json file for Amazon ECS blue/green deployment actions". */
const DETAIL_FILE = 'imageDetail.json';
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * Source/ECR: one image of a repository. No layer of it is fetched: its artifact is the file that says which image it is, by its digest,
 * which is fixed before the file is written.
 */
export function ecrSource({ ecr, take }: EcrSourceParts): ActionProvider {
  async function handOn(run: ProviderRun, { repository, tag }: Order, digest: string): Promise<Progress> {
    const image = await (await ecr(run)).describe(repository, { digest });
    const file = { body: bytesOf(JSON.stringify(detailOf(image))), format: 'file', name: DETAIL_FILE } as const;
    const taken = await take(run.tenant, file, SOURCE_MAX_BYTES);
    const summary = `${repository}:${tag}`;
    return {
      kind: 'Succeeded',
      variables: {
        RegistryId: image.registryId,
        RepositoryName: repository,
        ImageTag: tag,
        ImageDigest: digest,
        ImageURI: image.uri,
      },
      artifacts: run.outputs.map(({ name }) => ({ name, ...taken })),
      summary,
      revision: { id: digest, type: 'IMAGE_DIGEST', summary },
    };
  }

  return {
    types: ['Source/ECR'],

    async start(run) {
      const order = orderOf(run);
      if (typeof order === 'string') return misconfigured(order);
      const { value = '' } = run.pin ?? {};
      if (DIGEST.test(value)) return handOn(run, order, value);
      const { digest } = await (await ecr(run)).describe(order.repository, { tag: order.tag });
      return { kind: 'Running', externalId: digest, checkAfterMs: 1 };
    },

    async poll(run, externalId = '') {
      const order = orderOf(run);
      return typeof order === 'string' ? misconfigured(order) : handOn(run, order, externalId);
    },

    // Fetching starts nothing anywhere.
    cancel: () => Promise.resolve('Cancelled'),
  };
}

interface Order {
  readonly repository: string;
  readonly tag: string;
}

function orderOf({ configuration, pin }: ProviderRun): Order | string {
  const { RepositoryName: repository = '', ImageTag: configured = '' } = configuration;
  if (repository === '') return 'RepositoryName is missing.';
  if (pin !== undefined && pin.type !== 'IMAGE_DIGEST') return `A ${pin.type} is nothing of a registry.`;
  const tag = pin?.tag ?? (configured === '' ? 'latest' : configured);
  // An event may know an image by its tag alone, and then that is what it pins.
  if (pin === undefined || DIGEST.test(pin.value) || pin.value === pin.tag) return { repository, tag };
  return `"${pin.value}" is no digest of an image; it is sha256: and 64 hexadecimal digits.`;
}

function detailOf({ registryId, repositoryName, digest, tags, sizeBytes, pushedAt, uri }: RegistryImage): object {
  return {
    ImageSizeInBytes: String(sizeBytes),
    ImageDigest: digest,
    Version: '1.0',
    ImagePushedAt: inWords(new Date(pushedAt * 1000)),
    RegistryId: registryId,
    RepositoryName: repositoryName,
    ImageURI: uri,
    ImageTags: tags,
  };
}

/** As CodePipeline writes it: `Mon Jan 21 20:04:00 UTC 2019`. */
function inWords(at: Date): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = at.toUTCString().split(' ');
  return `${weekday.slice(0, 3)} ${month} ${day} ${time} UTC ${year}`;
}

// Who may import whom. Of each of these rules, test/unit/layers.test.ts plants a violation.
const rule = (name, from, to) => ({ name, severity: 'error', from, to });
const never = (name, from, to) => rule(name, { path: from }, { path: to });
const within = (folders) => `^worker/(${folders})/`;
const inPackage = (names) => `node_modules/(${names})/`;
const AT_RUN_TIME = { dependencyTypesNot: ['type-only'] };

module.exports = {
  forbidden: [
    rule('imports-resolve', {}, { couldNotResolve: true, pathNot: '^(cloudflare:|\\$app/)' }),
    rule('no-cycles', {}, { circular: true }),
    rule('no-orphans', { orphan: true, pathNot: ['\\.d\\.ts$', '^web/src/routes/'] }, {}),
    rule('nothing-imports-tests', { pathNot: '^(test|web/test)/' }, { path: '^(test|web/test)/' }),

    rule(
      'contract-stands-alone',
      { path: '^contract/' },
      { pathNot: ['^contract/', inPackage('zod|@hono/zod-openapi')] },
    ),
    rule('engine-imports-only-engine', { path: within('engine') }, { pathNot: within('engine') }),
    rule('calendar-imports-only-calendar', { path: within('calendar') }, { pathNot: within('calendar') }),
    rule('audit-imports-only-audit', { path: within('audit') }, { pathNot: within('audit') }),
    rule(
      'definition-is-pure',
      { path: within('definition') },
      { pathNot: [within('definition|engine|calendar'), '^contract/', inPackage('zod|yaml')] },
    ),
    rule('kernel-is-the-floor', { path: within('kernel') }, { pathNot: within('kernel') }),
    rule('aws-is-a-leaf', { path: within('aws') }, { path: '^(worker|contract)/', pathNot: within('aws|kernel') }),

    rule(
      'routes-stay-thin',
      { path: within('api') },
      { path: within('engine|objects|effects|providers|aws|storage'), ...AT_RUN_TIME },
    ),
    never('services-do-not-touch-providers', within('services'), within('api|effects|providers|aws')),
    rule('services-know-objects-as-types', { path: within('services') }, { path: within('objects'), ...AT_RUN_TIME }),
    never('effects-do-not-reach-back', within('effects'), within('api|services|auth|aws')),
    rule('effects-know-objects-as-types', { path: within('effects') }, { path: within('objects'), ...AT_RUN_TIME }),
    rule('effects-know-the-engine-as-types', { path: within('effects') }, { path: within('engine'), ...AT_RUN_TIME }),
    never('objects-never-call-out', within('objects'), within('api|services|effects|providers|aws|storage|auth')),
    never('auth-does-not-reach-up', within('auth'), within('api|services|objects|effects|providers|engine|aws')),
    never('storage-does-not-reach-up', within('storage'), within('api|services|objects|effects|providers|auth|aws')),
    never(
      'providers-are-leaves',
      within('providers'),
      within('api|services|objects|effects|storage|auth|engine|aws'),
    ),
    rule(
      'providers-ignore-each-other',
      { path: '^worker/providers/([^/]+)\\.ts$', pathNot: 'registry\\.ts$' },
      { path: within('providers'), pathNot: ['^worker/providers/$1\\.ts$', 'providers/provider\\.ts$'] },
    ),
    rule(
      'hosts-are-leaves',
      { path: within('hosts') },
      { path: '^(worker|web|cli)/', pathNot: within('hosts|kernel|engine') },
    ),
    rule('hosts-know-the-engine-as-types', { path: within('hosts') }, { path: within('engine'), ...AT_RUN_TIME }),
    // Each host is a file and, where it is more than one idea, the folder of its name beside it.
    rule(
      'hosts-ignore-each-other',
      { path: '^worker/hosts/([^/.]+)(\\.ts$|/)', pathNot: 'registry\\.ts$' },
      { path: within('hosts'), pathNot: ['^worker/hosts/$1(\\.ts$|/)', '^worker/hosts/(git-host\\.ts$|support/)'] },
    ),
    rule(
      'triggers-are-leaves',
      { path: within('triggers') },
      { path: '^(worker|web|cli)/', pathNot: within('triggers|kernel|engine') },
    ),
    rule(
      'triggers-know-the-engine-as-types',
      { path: within('triggers') },
      { path: within('engine'), ...AT_RUN_TIME },
    ),
    rule(
      'triggers-ignore-each-other',
      { path: '^worker/triggers/([^/.]+)(\\.ts$|/)', pathNot: 'registry\\.ts$' },
      {
        path: within('triggers'),
        pathNot: ['^worker/triggers/$1(\\.ts$|/)', '^worker/triggers/(trigger-source\\.ts$|support/)'],
      },
    ),
    rule(
      'hosts-and-triggers-are-handed-in',
      { path: within('api|services|effects|objects|providers|auth|storage') },
      { path: within('hosts|triggers'), pathNot: '/(git-host|trigger-source)\\.ts$', ...AT_RUN_TIME },
    ),
    rule('only-main-sees-composition', { pathNot: '^worker/main\\.ts$' }, { path: '^worker/composition\\.ts$' }),
    rule('nothing-imports-main', { pathNot: '\\.d\\.ts$' }, { path: '^(worker|cli/src)/main\\.ts$' }),

    rule('drizzle-lives-in-storage', { pathNot: within('storage') }, { path: inPackage('drizzle-orm') }),
    rule('better-auth-lives-in-auth', { pathNot: within('auth') }, { path: inPackage('better-auth') }),
    rule('openid-client-lives-in-auth', { pathNot: within('auth') }, { path: inPackage('openid-client') }),
    rule('aws4fetch-lives-in-aws', { pathNot: within('aws') }, { path: inPackage('aws4fetch') }),

    never('worker-never-imports-clients', '^worker/', '^(web|cli|local|bench)/'),
    rule(
      'cli-knows-the-contract-and-the-pure-core',
      { path: '^cli/' },
      { path: '^(worker|web|local|bench)/', pathNot: within('engine|definition|audit') },
    ),
    rule(
      'web-knows-the-contract-and-the-pure-core',
      { path: '^web/' },
      { path: '^(worker|cli|local|bench)/', pathNot: within('engine|definition') },
    ),
    // Schemas bring zod along; the codes are mere numbers.
    rule(
      'no-zod-in-the-browser',
      { path: '^web/src/' },
      { path: ['^contract/', inPackage('zod')], pathNot: '^contract/close-codes\\.ts$', ...AT_RUN_TIME },
    ),
    never('local-is-a-client', '^local/', '^(worker|web|bench)/'),
    never('bench-is-a-client', '^bench/', '^(worker|web)/'),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(\\.svelte-kit|build|dist)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'svelte', 'default'] },
  },
};

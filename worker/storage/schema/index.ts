export * from './executions.ts';
export * from './grants.ts';
export * from './identity.ts';
export * from './pipelines.ts';
export * from './secrets.ts';
export * from './settings.ts';
export * from './signing-keys.ts';
export * from './tokens.ts';

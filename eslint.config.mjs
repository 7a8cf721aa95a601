import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const pureOnly = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'Time comes in as `at`.',
  },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time comes in as `at`.' },
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'Randomness comes in.' },
  { selector: 'AwaitExpression', message: 'The pure core does not wait.' },
  { selector: ':function[async=true]', message: 'The pure core does not wait.' },
];

const houseRules = {
  '@typescript-eslint/consistent-type-imports': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
  '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_$', argsIgnorePattern: '^_' }],
  curly: ['error', 'multi-line'],
  eqeqeq: 'error',
  'no-console': 'error',
  'prefer-const': 'error',
};

export default defineConfig(
  globalIgnores([
    'dist/',
    'web/build/',
    '**/.svelte-kit/',
    '.millrace/',
    'examples/',
    '**/*.cjs',
    '**/*.mjs',
    'migrations/',
  ]),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: houseRules,
  },
  {
    files: ['worker/engine/**/*.ts', 'worker/definition/**/*.ts', 'worker/calendar/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...pureOnly] },
  },
  {
    files: ['web/**/*.svelte'],
    extends: [tseslint.configs.strictTypeChecked, svelte.configs.recommended],
    languageOptions: {
      parserOptions: { parser: tseslint.parser, projectService: true, extraFileExtensions: ['.svelte'] },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...houseRules,
      // `let { … } = $props()` where one of them is bound: only the plugin's own rule knows it.
      'prefer-const': 'off',
      'svelte/prefer-const': 'error',
      // What an effect reads is what it follows; `void x` says so where x is needed for nothing else.
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // The dashboard has an origin of its own and stands at its root.
      'svelte/no-navigation-without-resolve': 'off',
      // Svelte drops the space at either end of a block; {' '} is how it is kept.
      'svelte/no-useless-mustaches': 'off',
    },
  },
  { files: ['cli/**/*.ts', 'local/**/*.ts', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'no-console': 'off',
    },
  },
);

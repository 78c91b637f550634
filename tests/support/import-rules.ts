import { posix } from 'node:path';

/** A part of the tree, and what its files may import. */
export interface Layer {
  /**
   * A pattern: `*` is a name, `**` whatever is below, `{a,b}` either, and `<own>` the folder that the
   * file is in.
   */
  readonly files: string;
  /** Patterns; what one that begins with `!` fits is not allowed. */
  readonly mayImport: readonly string[];
  /** The packages that it may import, in words. */
  readonly packages: string;
  /** The packages that it may not import. */
  readonly refuses?: RegExp;
  /** What to do about an import that is not allowed. */
  readonly advice: string;
}

const EVERYTHING_BUT = (...names: string[]) => new RegExp(`^(?!(?:${names.join('|')})$)`);
const EDGE_PACKAGES = /^(hono|@hono|@middy|aws-lambda|@types\/aws-lambda)(\/|$)/;
const CORE = ['src/domain/**', 'src/ports/**'];
const EDGE = [...CORE, 'src/conversions/**', 'src/http/**', 'src/lambda/**', 'src/logger.ts'];

/** The first row that fits a file is the file's. `docs/architecture.md` shows the same table. */
export const LAYERS: readonly Layer[] = [
  {
    files: 'src/domain/**',
    mayImport: ['src/domain/**'],
    packages: 'zod',
    refuses: EVERYTHING_BUT('zod'),
    advice: 'the domain knows only itself and zod; take the value as an argument instead',
  },
  {
    files: 'src/ports/**',
    mayImport: CORE,
    packages: 'none',
    refuses: /^/,
    advice: 'a port speaks of the domain only; move the type there, or the code to an adapter',
  },
  {
    files: 'src/adapters/*.ts',
    mayImport: [...CORE, 'src/adapters/*.ts'],
    packages: 'any',
    advice: 'what several adapters share knows none of them; take it as an option instead',
  },
  {
    files: 'src/adapters/<own>/**',
    mayImport: [...CORE, 'src/adapters/<own>/**', 'src/adapters/*.ts'],
    packages: 'any',
    advice:
      'an adapter knows one technology and the ports; take it as an option, or move what two adapters share to a file directly in src/adapters',
  },
  {
    files: 'src/conversions/**',
    mayImport: [...CORE, 'src/conversions/**'],
    packages: 'any but Hono, middy and Lambda’s types',
    refuses: EDGE_PACKAGES,
    advice: 'use cases depend on ports; take it in `deps`, and let the handler hand it in',
  },
  {
    files: 'src/logger.ts',
    mayImport: [],
    packages: 'any',
    advice: 'the log knows nothing of who writes it; take it as an argument instead',
  },
  {
    files: 'src/lambda/**',
    mayImport: [...CORE, 'src/http/**', 'src/lambda/**', 'src/logger.ts'],
    packages: 'any',
    advice: 'src/lambda translates events; move what a function does to functions/<name>',
  },
  {
    files: 'src/http/**',
    mayImport: [...CORE, 'src/http/**', 'src/logger.ts'],
    packages: 'any',
    advice:
      'src/http is the ground of every HTTP function and knows no Lambda; move what one function does to functions/<name>',
  },
  {
    files: 'src/{config,read-config}.ts',
    mayImport: CORE,
    packages: 'any',
    advice: 'settings know nothing of who uses them; let src/compose.ts or a handler translate',
  },
  {
    files: 'src/compose.ts',
    mayImport: [...CORE, 'src/adapters/**', 'src/{config,read-config}.ts', 'src/logger.ts'],
    packages: 'any',
    advice: 'src/compose.ts opens adapters; let the handler join them to what the function does',
  },
  {
    files: 'functions/<own>/{handler,stream}.ts',
    mayImport: [...EDGE, 'functions/<own>/**', 'src/compose.ts', 'src/config.ts'],
    packages: 'any',
    advice: 'take adapters from src/compose.ts, and move what two functions share to src/',
  },
  {
    files:
      'functions/<own>/{app,routes,schemas,options-form,docs,page,page-session,session-routes,tus,tus-routes,tus-headers,answer-audio,stream-app}.ts',
    mayImport: [
      ...EDGE,
      'functions/<own>/**',
      '!functions/<own>/{handler,stream}.ts',
      'openapi.json',
    ],
    packages: 'any',
    advice: 'take it in `deps`: only handler.ts composes; move what two functions share to src/',
  },
  {
    files: 'functions/<own>/**',
    mayImport: [
      ...CORE,
      'src/conversions/**',
      'functions/<own>/**',
      '!functions/<own>/{handler,stream,app,routes,schemas,options-form,docs,page,page-session,session-routes,tus,tus-routes,tus-headers,answer-audio,stream-app}.ts',
    ],
    packages: 'any but Hono, middy and Lambda’s types',
    refuses: EDGE_PACKAGES,
    advice:
      'a use case knows ports and the domain; take it in `deps`, and leave HTTP and Lambda to app.ts and handler.ts',
  },
  {
    files: 'plugins/<own>/tests/**',
    mayImport: ['plugins/<own>/**', 'tests/{support,events}/**'],
    packages: 'any',
    advice: 'tests of a plugin know the plugin; hand in what it needs by its options',
  },
  {
    files: 'plugins/<own>/**',
    mayImport: ['plugins/<own>/**'],
    packages: 'any',
    advice: 'a plugin is a package of its own; hand in what it needs by its options',
  },
  {
    files: 'web/**',
    mayImport: ['web/**'],
    packages: 'any',
    advice: 'the page knows the service by its API alone: web/api/schema.ts has its types',
  },
  { files: '{tests,scripts,benches}/**', mayImport: ['**'], packages: 'any', advice: '' },
];

/** Who may read the environment: the settings of functions, the run, a plugin's entry, and tests. */
const READS_ENVIRONMENT = [
  'src/read-config.ts',
  '{tests,scripts,benches}/**',
  'plugins/<own>/{plugin,command,conformance}.ts',
  'plugins/<own>/tests/**',
];

/** What is wrong with the imports of a file, a sentence for each that also says what to do. */
export function importViolations(file: string, source: string): string[] {
  const layer = LAYERS.find(({ files }) => fits(file, files));
  if (layer === undefined) {
    return [`${file} is in no layer: add a row to LAYERS in tests/support/import-rules.ts.`];
  }
  const own = ownFolder(file, layer.files);
  const violations = importsOf(source)
    .filter((name) => !isAllowed(file, name, layer, own))
    .map((name) => `${file} imports ${target(file, name)}: ${layer.advice}.`);
  if (readsEnvironment(source) && !READS_ENVIRONMENT.some((files) => fits(file, files))) {
    violations.push(
      `${file} reads process.env: add a setting to src/config.ts and take its value as an option.`,
    );
  }
  return violations;
}

function isAllowed(file: string, name: string, layer: Layer, own: string): boolean {
  if (!name.startsWith('.')) return !layer.refuses?.test(name);
  const path = target(file, name);
  const patterns = layer.mayImport.map((pattern) => pattern.replace('<own>', own));
  const isRefused = patterns.some((pattern) => pattern[0] === '!' && fits(path, pattern.slice(1)));
  return !isRefused && patterns.some((pattern) => fits(path, pattern));
}

/** `from '…'`, `import '…'` and `import('…')`; type imports count too. */
function importsOf(source: string): string[] {
  const found = source.matchAll(/\b(?:from|import)\b\s*\(?\s*['"]([^'"]+)['"]/g);
  return [...found].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

function readsEnvironment(source: string): boolean {
  return /\bprocess\s*(\.\s*env\b|\[\s*['"]env['"])|\benv\b[^;]*from 'node:process'/.test(source);
}

/** The path that a relative import names; a package's name as it is. */
function target(file: string, name: string): string {
  return name.startsWith('.') ? posix.join(posix.dirname(file), name) : name;
}

function fits(path: string, pattern: string): boolean {
  return toRegExp(pattern).test(path);
}

/** What `<own>` stands for in this file's path. */
function ownFolder(file: string, pattern: string): string {
  return toRegExp(pattern).exec(file)?.groups?.['own'] ?? '<own>';
}

function toRegExp(pattern: string): RegExp {
  const source = pattern
    .replaceAll('.', '\\.')
    .replace(/\{(.+?)\}/g, (_braces, names: string) => `(?:${names.replaceAll(',', '|')})`)
    .replace(/\*\*|\*/g, (stars) => (stars === '*' ? '[^/]+' : '.+'))
    .replace('<own>', '(?<own>[^/]+)');
  return new RegExp(`^${source}$`);
}

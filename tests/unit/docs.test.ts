import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gatewayRoutes } from '../../functions/gateway/routes.ts';
import { usersRoutes } from '../../functions/users/routes.ts';
import openApiDocument from '../../openapi.json' with { type: 'json' };
import packageJson from '../../package.json' with { type: 'json' };
import { createOpenApiDocument } from '../../src/http/openapi-document.ts';
import { PROBLEM_TABLE } from '../../src/http/problem.ts';
import { codeSpans, relativeLinks, tableRows } from '../support/markdown.ts';

const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md')].filter(existsSync);

/** Folders whose files a document may name; what git ignores is made later, or never. */
const FOLDERS = /^(\.ci|benches|docs|functions|infra|layers|plugins|scripts|src|tests|web)\//;
const FILES = globSync('**/*', {
  exclude: (name) => ['node_modules', '.git', 'data'].includes(name),
}).map((path) => path.replaceAll('\\', '/'));
const IGNORED = read('.gitignore').split('\n').filter(Boolean);

interface Parameter {
  readonly name: string;
  readonly schema?: { type?: string | string[]; minimum?: number; maximum?: number };
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

/** The paths that are named as code: `src/…`, and names of files without a folder. */
function namedPaths(markdown: string): string[] {
  const isPath = (code: string) =>
    FOLDERS.test(code) || /^[\w.-]+\.(ts|mjs|md|ya?ml|json)$/.test(code);
  const isPattern = (code: string) => /[*<{…\s]|NNNN/.test(code);
  return codeSpans(markdown).filter((code) => isPath(code) && !isPattern(code));
}

function isThere(path: string): boolean {
  if (IGNORED.some((ignored) => `${path}/`.startsWith(ignored))) return true;
  if (path.includes('/')) return existsSync(path);
  return FILES.some((file) => basename(file) === path);
}

/** The names after `npm run`, `npm start` and `npm test`, in text and in blocks of code. */
function npmScripts(markdown: string): string[] {
  const runs = markdown.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g);
  return [...runs].flatMap(([, run, short]) => run ?? short ?? []);
}

describe.each(DOCUMENTS)('%s', (document) => {
  const markdown = read(document);

  test('names only paths that exist', () => {
    expect(namedPaths(markdown).filter((path) => !isThere(path))).toEqual([]);
  });

  test('links only to files that exist', () => {
    const broken = relativeLinks(markdown).filter(
      (link) => !existsSync(join(dirname(document), link)),
    );
    expect(broken).toEqual([]);
  });

  test('names only commands of package.json', () => {
    const unknown = npmScripts(markdown).filter((name) => !(name in packageJson.scripts));
    expect(unknown).toEqual([]);
  });
});

describe('the checks of documents', () => {
  test('find paths, and leave out patterns, types and addresses', () => {
    const text = '`src/gone.ts` `gone.json` `src/<own>/x.ts` `tests/*.ts` `video/mp4` `/docs/x`';
    expect(namedPaths(text)).toEqual(['src/gone.ts', 'gone.json']);
    expect(namedPaths(text).filter(isThere)).toEqual([]);
  });

  test('find what is there by its path, by its name, or as something that is made', () => {
    for (const path of ['src/config.ts', 'config.ts', 'docs/adr', 'layers/ffmpeg/bin/ffmpeg']) {
      expect(isThere(path), path).toBe(true);
    }
  });

  test('find commands in text and in blocks', () => {
    expect(npmScripts('`npm run check`\n```sh\nnpm start\n  npm run gone:x\n```')).toEqual([
      'check',
      'start',
      'gone:x',
    ]);
  });

  test('find links to files, and leave out those to elsewhere', () => {
    expect(relativeLinks('[a](adr/1.md#x) [b](https://x.example/y) [c](#here)')).toEqual([
      'adr/1.md',
    ]);
  });
});

describe('the decisions', () => {
  const decisions = globSync('docs/adr/[0-9]*.md').sort();

  test('are numbered without a gap', () => {
    const numbers = decisions.map((path) => Number(basename(path).slice(0, 4)));
    expect(numbers).toEqual(decisions.map((_path, index) => index + 1));
  });

  test('are all in the index', () => {
    const listed = relativeLinks(read('docs/adr/README.md'));
    expect(listed).toEqual(decisions.map((path) => basename(path)));
  });

  test.each(decisions)('%s has a context, a decision and a consequence', (path) => {
    const headings = [...read(path).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['Context', 'Decision', 'Consequence']);
  });
});

test('docs/api.md has every code, and the status that it is answered as', () => {
  const rows = tableRows(read('docs/api.md'));
  const codes = Object.entries(PROBLEM_TABLE).map(([code, [status]]) => [code, String(status)]);
  const answered = rows.flatMap(([code, status]) =>
    /^\d+$/.test(status ?? '') ? [[code, status]] : [],
  );
  expect(codes).toEqual(expect.arrayContaining(answered));
  // Functions say it to each other, and to nobody else.
  const unseen = 'invalid-message';
  const listed = rows.map(([code]) => code);
  expect([...listed, unseen].sort()).toEqual(codes.map(([code]) => code).sort());
});

test('openapi.json is what the routes declare; `npm run openapi` writes it anew', () => {
  const document = createOpenApiDocument([...usersRoutes, ...gatewayRoutes], packageJson.version);
  expect(openApiDocument).toEqual(JSON.parse(JSON.stringify(document)));
});

test('a number in a query says in openapi.json how large it may be, as it is validated', () => {
  const unbounded = Object.entries(openApiDocument.paths).flatMap(([path, operations]) =>
    Object.values(operations)
      .flatMap(({ parameters = [] }: { parameters?: Parameter[] }) => parameters)
      .filter(({ schema }) => [schema?.type].flat().includes('integer'))
      .filter(({ schema }) => schema?.minimum === undefined || schema.maximum === undefined)
      .map(({ name }) => `${path}: ${name}`),
  );
  expect(unbounded).toEqual([]);
});
